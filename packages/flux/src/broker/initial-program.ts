const shells = new Set(["sh", "bash", "dash", "zsh", "csh", "tcsh", "ksh", "fish"]);

/** How the initial program (rc2) is run. */
export interface InitialProgram {
  readonly cmdline: string[];
  /** It is a shell for a person: needs a terminal. */
  readonly isInteractive: boolean;
}

/**
 * What to run for the words on the broker's command line: nothing or a shell's name is an interactive
 * shell; a single word that is no plain executable goes to `$SHELL -c`; the rest is run directly.
 */
export function initialProgram(
  words: readonly string[],
  shell: string,
  isExecutable: (word: string) => boolean,
): InitialProgram {
  const [first] = words;
  if (first === undefined) return { cmdline: [shell], isInteractive: true };
  if (words.length > 1) return { cmdline: [...words], isInteractive: false };
  const name = first.slice(first.lastIndexOf("/") + 1);
  if (shells.has(name)) return { cmdline: [first], isInteractive: true };
  if (isExecutable(first)) return { cmdline: [first], isInteractive: false };
  return { cmdline: [shell, "-c", first], isInteractive: false };
}
