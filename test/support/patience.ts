/** What ends within this was not a wait for ever: long beside the limits of the tests, for a machine with other work. */
export const soonMs = 45_000;
