/** A shell glob (`*`, `?`, `[...]`) as a regular expression over whole names. */
export function globPattern(glob: string): RegExp {
  let pattern = "";
  for (let i = 0; i < glob.length; i++) {
    const char = glob[i]!;
    if (char === "*") pattern += "[^]*";
    else if (char === "?") pattern += "[^]";
    else if (char === "[") {
      const end = glob.indexOf("]", glob[i + 1] === "!" ? i + 3 : i + 2);
      if (end < 0) pattern += "\\[";
      else {
        const set = glob
          .slice(i + 1, end)
          .replace(/\\/g, "\\\\")
          .replace(/^!/, "^");
        pattern += `[${set}]`;
        i = end;
      }
    } else pattern += char.replace(/[\\^$.|+(){}\]]/g, "\\$&");
  }
  return new RegExp(`^(?:${pattern})$`, "u");
}
