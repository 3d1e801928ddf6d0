import { spawnSync } from "node:child_process";

/**
 * Remember how the terminal on stdin is set; returns what sets it that way again. A broker that is
 * killed while its shell is being edited leaves the terminal without echo.
 */
export function saveTerminal(): () => void {
  if (!process.stdin.isTTY) return () => {};
  const stty = (args: string[]): string =>
    spawnSync("stty", args, { stdio: ["inherit", "pipe", "ignore"], encoding: "utf8" }).stdout;
  const saved = stty(["-g"])?.trim();
  return () => {
    if (saved) stty([saved]);
  };
}
