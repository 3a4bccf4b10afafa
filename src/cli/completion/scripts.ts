import type { Completions, Offers } from './offers.ts';

/** The shells that can be told. */
export const shells = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof shells)[number];

/** The script that makes a shell complete command lines of segtag. */
export function completionScript(shell: Shell, completions: Completions): string {
  return { bash: bashScript, zsh: zshScript, fish: fishScript }[shell](completions);
}

function bashScript(completions: Completions): string {
  return `# Completion of segtag for bash. Add to ~/.bashrc: eval "$(segtag completion bash)"
_segtag() {
  local at= dir=. i word cur=\${COMP_WORDS[COMP_CWORD]} prev=\${COMP_WORDS[COMP_CWORD-1]} offers=
  for ((i = 1; i < COMP_CWORD; i++)); do
    word=\${COMP_WORDS[i]}
${walk(completions, '${COMP_WORDS[i+1]}')}
  done
  case $prev in
${valueCases(completions, (choices) => `COMPREPLY=($(compgen -W '${choices.join(' ')}' -- "$cur")); return`, 'COMPREPLY=($(compgen -f -- "$cur")); return')}
  esac
  case $at in
${completions.offers.map((offers) => `    '${offers.words}') offers='${flagsAndCommands(offers).join(' ')}'${offers.takesJob ? '; offers+=" $(_segtag_jobs "$dir")"' : ''} ;;`).join('\n')}
  esac
  COMPREPLY=($(compgen -W "$offers" -- "$cur"))
}
${jobsFunction}
complete -F _segtag segtag
`;
}

function zshScript(completions: Completions): string {
  return `#compdef segtag
# Completion of segtag for zsh. Add to ~/.zshrc, after compinit: eval "$(segtag completion zsh)"
_segtag() {
  local at= dir=. i word
  local -a offers jobs
  for ((i = 2; i < CURRENT; i++)); do
    word=\${words[i]}
${walk(completions, '${words[i+1]}')}
  done
  case \${words[CURRENT-1]} in
${valueCases(completions, (choices) => `compadd -- ${choices.join(' ')}; return`, '_files; return')}
  esac
  case $at in
${completions.offers.map((offers) => `    '${offers.words}') offers=(${described(offers)})${offers.takesJob ? '; jobs=($(_segtag_jobs "$dir"))' : ''} ;;`).join('\n')}
  esac
  [[ \${words[CURRENT]} != -* ]] && compadd -- $jobs
  _describe segtag offers
}
${jobsFunction}
compdef _segtag segtag
`;
}

/** Words with what they are about, as zsh shows them. */
function described({ commands, options }: Offers): string {
  const words = [
    ...commands.map(({ name, about }) => `${name}:${about}`),
    ...options.map(({ flag, about }) => `${flag}:${about}`),
  ];
  return words.map(quoted).join(' ');
}

function fishScript({ offers, valueOptions }: Completions): string {
  const lines = offers.flatMap(({ words, commands, options, takesJob }) => {
    const here = `complete -c segtag -n "test (__segtag_at) = '${words}'"`;
    return [
      ...commands.map(({ name, about }) => `${here} -a ${name} -d ${quoted(about)}`),
      ...options.map(({ flag, about }) => {
        const value = valueOptions.find(({ flags }) => flags.includes(flag));
        const takes =
          value === undefined ? '' : value.choices.length > 0 ? ` -x -a '${value.choices.join(' ')}'` : ' -r -F';
        return `${here} -l ${flag.slice(2)}${takes} -d ${quoted(about)}`;
      }),
      ...(takesJob ? [`${here} -a '(__segtag_jobs)' -d job`] : []),
    ];
  });
  const flags = valueOptions.flatMap((option) => option.flags);
  const paths = offers.filter(({ words }) => words !== '').map(({ words }) => `'${words}'`);
  return `# Completion of segtag for fish. Write to ~/.config/fish/completions/segtag.fish
function __segtag_at
  set -l at ''
  set -l skip 0
  for word in (commandline -opc)[2..]
    if test $skip = 1
      set skip 0
    else if contains -- $word ${flags.join(' ')}
      set skip 1
    else if contains -- (string trim "$at $word") ${paths.join(' ')}
      set at (string trim "$at $word")
    end
  end
  echo "$at"
end
function __segtag_jobs
  set -l words (commandline -opc)
  set -l dir .
  for flag in -C --directory
    if set -l i (contains -i -- $flag $words)
      set dir $words[(math $i + 1)]
    end
  end
  for file in $dir/jobs/*.yaml
    string replace -r '.*/(.*)\\.yaml$' '$1' $file
  end
end
complete -c segtag -f
${lines.join('\n')}
`;
}

/** Names of jobs, one a line. */
const jobsFunction = `_segtag_jobs() {
  local file
  for file in "$1"/jobs/*.yaml; do
    file=\${file##*/}
    [ "$file" = '*.yaml' ] || echo "\${file%.yaml}"
  done 2>/dev/null
}`;

/** Finds the command that has been typed: steps over options with their values, and keeps \`-C\`. */
function walk({ offers, valueOptions }: Completions, next: string): string {
  const flags = valueOptions
    .flatMap((option) => option.flags)
    .filter((flag) => flag !== '-C' && flag !== '--directory');
  const paths = offers.filter(({ words }) => words !== '').map(({ words }) => `'${words}'`);
  return `    case $word in
      -C|--directory) dir=${next}; ((i++)) ;;
      ${flags.join('|')}) ((i++)) ;;
      -*) ;;
      *) case "\${at:+$at }$word" in ${paths.join('|')}) at="\${at:+$at }$word" ;; esac ;;
    esac`;
}

function valueCases(
  { valueOptions }: Completions,
  ofChoices: (choices: readonly string[]) => string,
  otherwise: string,
): string {
  const chosen = valueOptions.filter(({ choices }) => choices.length > 0);
  const others = valueOptions.filter(({ choices }) => choices.length === 0);
  return [
    ...chosen.map(({ flags, choices }) => `    ${flags.join('|')}) ${ofChoices(choices)} ;;`),
    `    ${others.flatMap(({ flags }) => flags).join('|')}) ${otherwise} ;;`,
  ].join('\n');
}

function flagsAndCommands({ commands, options }: Offers): string[] {
  return [...commands.map(({ name }) => name), ...options.map(({ flag }) => flag)];
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
