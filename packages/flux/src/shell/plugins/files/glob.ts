/** A pattern of fnmatch(3) without flags: `*` and `?` match slashes too; `[a-z]`, `[!a-z]`. */
export function globPattern(glob: string): RegExp {
  let source = "";
  for (let i = 0; i < glob.length; i++) {
    const char = glob[i]!;
    const set = char === "[" ? /^\[([!^]?)(\]?[^\]]*)\]/.exec(glob.slice(i)) : null;
    if (set) {
      source += `[${set[1] ? "^" : ""}${set[2]!.replace(/[\\\]^]/g, "\\$&")}]`;
      i += set[0].length - 1;
    } else if (char === "*") source += ".*";
    else if (char === "?") source += ".";
    else if (char === "\\" && i + 1 < glob.length) source += escaped(glob[++i]!);
    else source += escaped(char);
  }
  return new RegExp(`^${source}$`, "s");
}

function escaped(char: string): string {
  return char.replace(/[.*+?^${}()|[\]\\/]/g, "\\$&");
}
