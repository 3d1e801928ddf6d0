import { parseDirectives } from "flux-ts/cli/submission/directives";
import { expect, test } from "vitest";

const argsOf = (script: string): string[] => parseDirectives(script).flatMap(({ args }) => args);
const lines = (...text: string[]): string => `${text.join("\n")}\n`;

test("RFC 36: a prefix without letters and digits, then flux: or FLUX:", () => {
  expect(argsOf("# flux: -N4\n")).toEqual(["-N4"]);
  expect(argsOf("-- FLUX: -N4 --exclusive\n")).toEqual(["-N4", "--exclusive"]);
  expect(argsOf("flux: -N4\n")).toEqual(["-N4"]);
  expect(argsOf("echo flux: -N4\n# Flux: -n1\n")).toEqual([]);
});

test("RFC 36: all directives of a file use the same sentinel", () => {
  const script = lines("# flux: -N4", "#flux: -c2");
  expect(() => parseDirectives(script)).toThrow(
    "line 2: sentinel changed from '# flux:' to '#flux:'",
  );
});

test("RFC 36: lines with the same prefix and blank lines may come between directives", () => {
  const script = lines("#!/bin/sh", "# flux: -N4 -c 2", "", "# the name:", "# flux: --job-name=a");
  expect(argsOf(script)).toEqual(["-N4", "-c", "2", "--job-name=a"]);
});

test("RFC 36: a directive after other lines is an error", () => {
  const script = lines("# flux: -N4", "# flux: -c2", "echo hello, world", "# flux: --queue=batch");
  expect(() => parseDirectives(script)).toThrow(
    "line 4: orphan 'flux:' detected: directives disabled after line 2",
  );
});

test("RFC 36: # begins a comment that ends with the line", () => {
  expect(argsOf("# flux: -N4 # -c2 : comment out for now\n")).toEqual(["-N4"]);
  expect(parseDirectives("# flux: # nothing at all\n")).toEqual([]);
});

test("RFC 36: POSIX shell style quoting", () => {
  expect(argsOf(`# flux: --job-name="my job" -S a='{"b": "c"}'\n`)).toEqual([
    "--job-name=my job",
    "-S",
    'a={"b": "c"}',
  ]);
  expect(argsOf("# flux: --job-name=my\\ job\n")).toEqual(["--job-name=my job"]);
  expect(() => parseDirectives('# flux: --job-name="my job\n')).toThrow(
    'line 1:  --job-name="my job: No closing quotation',
  );
});

test("RFC 36: triple quotes hold quotes of both kinds", () => {
  expect(argsOf(`# flux: --setattr=user.foo="""{"key": 42}"""\n`)).toEqual([
    '--setattr=user.foo={"key": 42}',
  ]);
  expect(argsOf(`# flux: --setattr=user.bar='''It's a "job"'''\n`)).toEqual([
    `--setattr=user.bar=It's a "job"`,
  ]);
});

test("RFC 36: a literal of several lines loses its first newline and the common indentation", () => {
  const script = lines(
    '# flux: --setattr=user.conf="""',
    "# flux: [config]",
    '# flux:   item = "foo"',
    '# flux: """',
  );
  expect(argsOf(script)).toEqual(['--setattr=user.conf=[config]\n  item = "foo"\n']);
});

test("RFC 36: triple quotes of a literal of several lines end their lines, and are closed", () => {
  expect(() => parseDirectives('# flux: --conf="""a\n')).toThrow("line 1: unclosed triple quote");
  expect(() => parseDirectives('# flux: --conf="""\n# flux: a=1\necho\n')).toThrow(
    "line 3: unterminated multi-line quote at line 1",
  );
});

test("RFC 36: what does not begin with - is no directive", () => {
  expect(() => parseDirectives("# flux: run -N4\n")).toThrow("line 1: Unknown directive:  run -N4");
});

test("RFC 36 Examples: a docstring of Python", () => {
  const script = lines(
    "#!/usr/bin/env python3",
    "def main():",
    '    """',
    "    flux: -N4",
    "    flux: --queue=batch",
    '    flux: --job-name="my python job"',
    "",
    "    # Set some arbitrary user data:",
    "    flux: --setattr=user.data='''",
    "    flux: x, y, z",
    "    flux: a, b, c",
    "    flux: '''",
    '    """',
    "    run()",
  );
  expect(argsOf(script)).toEqual([
    "-N4",
    "--queue=batch",
    "--job-name=my python job",
    "--setattr=user.data=x, y, z\na, b, c\n",
  ]);
});
