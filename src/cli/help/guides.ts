/** What help and docs say of a command beside its own description. */
export type Guide = {
  readonly group: string;
  /** A command line as one types it, and what it does. */
  readonly examples: readonly (readonly [line: string, meaning: string])[];
  /** Exit codes it may end with beside 0, 1 and 2. */
  readonly exits?: readonly number[];
};

const setUp = 'Set up:';
const night = 'A night, and what people decide about it:';
const look = 'Look:';
const crm = 'For the CRM sync:';
const operate = 'Operate:';
const write = 'Write a job:';
/** The group of the `help` command as well. */
export const help = 'Help:';

const reading = [4];
const deciding = [4, 6, 7, 8];
const computing = [3, 4, 5, 6, 7, 8, 130, 143];

/** By the words of the command. Commands that only hold others have no examples. */
export const guides: Readonly<Record<string, Guide>> = {
  init: {
    group: setUp,
    examples: [
      ['segtag init marketing', 'a project in the folder marketing; on a terminal it asks which job to start from'],
      ['segtag init shop --template rfm', 'the same from another bundled job'],
    ],
  },
  migrate: {
    group: setUp,
    examples: [['segtag migrate --target prod', 'once, and after an upgrade, with a user who may create tables']],
    exits: reading,
  },
  doctor: {
    group: setUp,
    examples: [['segtag doctor --target prod', 'before the first night, and when a night could not connect']],
    exits: reading,
  },
  connections: { group: setUp, examples: [] },
  'connections list': {
    group: setUp,
    examples: [['segtag connections list --target prod', 'which value comes from which file or variable']],
  },
  'connections test': {
    group: setUp,
    examples: [['segtag connections test warehouse', 'names, ports, TLS, the user and the grants, in this order']],
    exits: reading,
  },
  run: {
    group: night,
    examples: [
      ['segtag run opportunities', "tonight's run"],
      ['segtag run opportunities --as-of 2026-07-31', 'the night of another date'],
      ['segtag run opportunities --set window_days=365', 'with another value of a parameter'],
      ['segtag run --due', 'whatever is due by now, for cron and systemd timers'],
    ],
    exits: computing,
  },
  plan: {
    group: night,
    examples: [
      ['segtag plan opportunities --show-ids', 'who would move, and why'],
      ['segtag plan opportunities --detailed-exitcode', 'for scripts: 10 says that something would change'],
      ['segtag plan opportunities --explain-compute', 'what a night costs, computing nothing'],
    ],
    exits: [...computing, 10].toSorted((a, b) => a - b),
  },
  approve: {
    group: night,
    examples: [['segtag approve RUN --reason "the campaign moved them"', 'publishes what was held']],
    exits: deciding,
  },
  reject: {
    group: night,
    examples: [['segtag reject RUN --reason "the source was cut short"', 'drops what was planned or held']],
    exits: [4, 8],
  },
  retry: {
    group: night,
    examples: [['segtag retry RUN', 'does not read the warehouse again where the run has kept its result']],
    exits: computing,
  },
  rollback: {
    group: night,
    examples: [
      ['segtag rollback opportunities --to RUN --plan', 'what would come back, and which customers changed since'],
      ['segtag rollback opportunities --to RUN --reason "wrong source"', 'brings it back'],
    ],
    exits: [4, 5, 6, 7, 8],
  },
  runs: {
    group: look,
    examples: [['segtag runs opportunities --limit 5', 'the five newest nights of a job']],
    exits: reading,
  },
  show: { group: look, examples: [['segtag show RUN', 'its segments, movements and guards']], exits: reading },
  diff: {
    group: look,
    examples: [['segtag diff RUN RUN', 'any two of a job, the earlier first; also a planned or held one']],
    exits: reading,
  },
  explain: {
    group: look,
    examples: [
      ['segtag explain opportunities', 'of the published night'],
      ['segtag explain opportunities A0042', 'why this customer has this tag, and what would change it'],
    ],
    exits: reading,
  },
  customer: {
    group: look,
    examples: [['segtag customer opportunities A0042', 'one customer, with what would change the tag']],
    exits: reading,
  },
  recommend: {
    group: look,
    examples: [
      ['segtag recommend shoppers 17850', 'what to offer, as the published lists do, and who buys alike'],
      ['segtag recommend shoppers 17850 --n 5 --method pairs', 'only what goes with what the customer has'],
    ],
    exits: [3, 4, 130, 143],
  },
  tune: {
    group: write,
    examples: [['segtag tune opportunities --k 3..6', 'figures for three to six clusters']],
    exits: [3, 4, 130, 143],
  },
  report: {
    group: look,
    examples: [
      ['segtag report RUN', 'into reports/JOB/RUN.html'],
      ['segtag report RUN --csv tables', 'and every table as a CSV file'],
    ],
    exits: reading,
  },
  dashboard: {
    group: look,
    examples: [['segtag dashboard --read-only', 'pages on http://127.0.0.1:8741 that decide nothing']],
    exits: reading,
  },
  status: {
    group: look,
    examples: [
      ['segtag status', 'every job'],
      ['segtag status --check', 'for a monitor: exits 9 when a job is overdue'],
    ],
    exits: [4, 9],
  },
  metrics: {
    group: operate,
    examples: [['segtag metrics', "for a node exporter's text files"]],
    exits: reading,
  },
  changes: {
    group: crm,
    examples: [
      ['segtag changes --consumer mailer --json', 'what this consumer has not acknowledged yet'],
      ['segtag changes --job opportunities --since 4000', 'what came after change 4000'],
    ],
    exits: [4, 8],
  },
  ack: {
    group: crm,
    examples: [['segtag ack mailer 4120', 'mailer has taken everything up to 4120']],
    exits: reading,
  },
  export: {
    group: crm,
    examples: [
      ['segtag export opportunities --out tags.csv', 'the published tags as CSV'],
      ['segtag export opportunities --format parquet --out tags.parquet', 'the same as Parquet'],
    ],
    exits: reading,
  },
  verify: {
    group: operate,
    examples: [
      ['segtag verify', 'every job: do the tags say what runs have written?'],
      ['segtag verify opportunities --repair --reason "edited by hand"', 'writes it back'],
    ],
    exits: [4, 5, 6, 7, 8, 9],
  },
  prune: {
    group: operate,
    examples: [['segtag prune --dry-run', 'what would go, from every job']],
    exits: [4, 7, 130, 143],
  },
  model: { group: operate, examples: [] },
  'model reset': {
    group: operate,
    examples: [['segtag model reset opportunities', 'after the meaning of a column has changed']],
    exits: [4, 7, 130, 143],
  },
  schedule: { group: operate, examples: [] },
  'schedule list': { group: operate, examples: [['segtag schedule list', 'when each job runs next']] },
  'schedule preview': {
    group: operate,
    examples: [['segtag schedule preview opportunities --from 2027-03-20', 'two weeks around a change of clocks']],
  },
  'schedule systemd': { group: operate, examples: [['segtag schedule systemd > segtag.units', 'every job']] },
  'schedule cron': { group: operate, examples: [['segtag schedule cron opportunities', 'one job']] },
  'schedule k8s': {
    group: operate,
    examples: [['segtag schedule k8s --image registry.example.com/segtag:1', 'manifests for kubectl apply']],
  },
  'schedule run': {
    group: operate,
    examples: [['segtag schedule run --target prod', 'stays until SIGTERM, and starts every job at its times']],
    exits: reading,
  },
  validate: {
    group: write,
    examples: [
      ['segtag validate', 'every job, without a connection'],
      ['segtag validate opportunities --show-effective', 'the job with all its defaults'],
    ],
  },
  render: {
    group: write,
    examples: [['segtag render opportunities --as-of 2026-06-30', 'the SQL, and what is bound to it']],
  },
  columns: {
    group: write,
    examples: [
      ['segtag columns opportunities', 'names, types, gaps and ranges, and the contract to paste'],
      ['segtag columns opportunities --write', 'the same, and fills the contract in'],
    ],
    exits: [3, 4, 130, 143],
  },
  'export-sql': {
    group: write,
    examples: [['segtag export-sql opportunities --dialect vertica', 'segments of today, by one query']],
    exits: reading,
  },
  completion: {
    group: help,
    examples: [
      ['segtag completion bash > ~/.local/share/bash-completion/completions/segtag', 'for bash'],
      ['segtag completion zsh > ~/.zfunc/_segtag', 'for zsh, where ~/.zfunc is in fpath'],
      ['segtag completion fish > ~/.config/fish/completions/segtag.fish', 'for fish'],
    ],
  },
  schema: {
    group: write,
    examples: [['segtag schema --write', 'after an upgrade, for the editor']],
  },
};

/** What an argument is, by its name; a command's own description goes before. */
export const argumentMeanings: Readonly<Record<string, string>> = {
  job: 'the name of a file in jobs/, without .yaml',
  jobs: 'names of files in jobs/, without .yaml (default: every job)',
  run: 'the id of a run, as segtag runs lists it',
  shell: 'the shell',
  before: 'the id of the run to start from, as segtag runs lists it',
  after: 'the id of the run to look at',
  'job-or-run': 'a job, for its published night, or the id of a run',
  id: 'a customer id, as the source writes it',
  name: 'the name of a connection of the target, such as warehouse or crm',
  folder: 'where to (default: here)',
  consumer: 'the name that a consumer of the feed goes by',
  change_seq: 'the number of the last change that it has taken',
};
