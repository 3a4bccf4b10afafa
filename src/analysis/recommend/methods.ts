/** Where recommendations may come from: rules between products, or what the customer's segment typically has. */
export const recommendMethods = ['segment', 'pairs'] as const;

export type RecommendMethod = (typeof recommendMethods)[number];
