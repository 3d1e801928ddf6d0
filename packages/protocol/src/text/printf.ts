/**
 * C's `%g` and `%f`, for text that has to equal flux-core's. JavaScript's own conversions round an
 * exact half away from zero, C's round it to the even digit.
 */

/** More digits than any double that is not exactly a half can share with one. */
const EXTRA_DIGITS = 60;

/**
 * `%.*g`: `precision` significant digits, trailing zeros dropped, an exponent where the number is
 * below 1e-4 or has more digits than that.
 */
export function formatG(value: number, precision: number): string {
  if (!Number.isFinite(value)) return notFinite(value);
  const magnitude = Math.abs(value);
  const [mantissa = "", power] = toEven(
    magnitude.toExponential(precision - 1),
    magnitude.toExponential(precision - 1 + EXTRA_DIGITS),
  ).split("e");
  const exponent = Number(power);
  const sign = signOf(value);
  if (exponent >= -4 && exponent < precision) {
    return sign + dropZeros(shift(mantissa.replace(".", ""), exponent));
  }
  const digits = String(Math.abs(exponent)).padStart(2, "0");
  return `${sign}${dropZeros(mantissa)}e${exponent < 0 ? "-" : "+"}${digits}`;
}

/** `%.*f`, for magnitudes below 1e21. */
export function formatF(value: number, decimals: number): string {
  if (!Number.isFinite(value)) return notFinite(value);
  const magnitude = Math.abs(value);
  const text = toEven(magnitude.toFixed(decimals), magnitude.toFixed(decimals + EXTRA_DIGITS));
  return signOf(value) + text;
}

function notFinite(value: number): string {
  return Number.isNaN(value) ? "nan" : value > 0 ? "inf" : "-inf";
}

function signOf(value: number): string {
  return value < 0 || Object.is(value, -0) ? "-" : "";
}

/** `rounded`, unless `long` shows an exact half after an even digit: then `long` cut off there. */
function toEven(rounded: string, long: string): string {
  const [digits = "", power] = long.split("e");
  const kept = digits.slice(0, -EXTRA_DIGITS);
  const half = /^50*$/.test(digits.slice(-EXTRA_DIGITS));
  if (!half || /[13579]\.?$/.test(kept)) return rounded;
  return kept.replace(/\.$/, "") + (power === undefined ? "" : `e${power}`);
}

/** Fixed-point text of the digits `d.ddd` times ten to the `exponent`. */
function shift(digits: string, exponent: number): string {
  if (exponent < 0) return `0.${"0".repeat(-exponent - 1)}${digits}`;
  const fraction = digits.slice(exponent + 1);
  return digits.slice(0, exponent + 1) + (fraction && `.${fraction}`);
}

function dropZeros(text: string): string {
  return text.includes(".") ? text.replace(/\.?0+$/, "") : text;
}
