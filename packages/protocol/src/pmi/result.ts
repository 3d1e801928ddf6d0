/** Return codes of PMI-1 (RFC 13). */
export const PmiResult = {
  Success: 0,
  Fail: -1,
  Init: 1,
  NoMemory: 2,
  InvalidArg: 3,
  InvalidKey: 4,
  InvalidKeyLength: 5,
  InvalidValue: 6,
  InvalidValueLength: 7,
  InvalidLength: 8,
} as const;

const texts: Record<number, string> = {
  [-1]: "operation failed",
  1: "PMI is not initialized",
  2: "input buffer is not large enough",
  3: "invalid argument",
  4: "invalid key argument",
  5: "invalid key length argument",
  6: "invalid value argument",
  7: "invalid value length argument",
  8: "invalid length argument",
};

/** What a return code means, for error messages. */
export function pmiResultText(code: number): string {
  return texts[code] ?? `PMI error ${code}`;
}

/** Longest texts the server takes, in bytes with the terminating NUL that C programs add. */
export const pmiLimits = { kvsname: 64, key: 64, value: 1024 } as const;
/** A line longer than this is no PMI: name, key and value at their limits, and the words between. */
export const pmiLineMax = pmiLimits.kvsname + pmiLimits.key + pmiLimits.value + 64;
