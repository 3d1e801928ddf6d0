import { FluxError } from "../rpc/error.ts";

/**
 * JSON text of a number that peers read as a *real*: jansson's `f` refuses an integer token, so
 * there is always a point or an exponent. Throws EINVAL for what JSON cannot say.
 */
export function formatReal(value: number): string {
  if (!Number.isFinite(value)) throw new FluxError("EINVAL", `${value} has no JSON form`);
  const text = String(value);
  return /[.e]/.test(text) ? text : `${text}.0`;
}
