/**
 * Errno numbers as they travel in RFC 6 error responses: Linux's, whatever the host is.
 */
export const Errno = {
  EPERM: 1,
  ENOENT: 2,
  ESRCH: 3,
  EINTR: 4,
  EIO: 5,
  ENXIO: 6,
  E2BIG: 7,
  ENOEXEC: 8,
  EBADF: 9,
  ECHILD: 10,
  EAGAIN: 11,
  ENOMEM: 12,
  EACCES: 13,
  EFAULT: 14,
  EBUSY: 16,
  EEXIST: 17,
  ENODEV: 19,
  ENOTDIR: 20,
  EISDIR: 21,
  EINVAL: 22,
  ENFILE: 23,
  EMFILE: 24,
  ENOTTY: 25,
  ETXTBSY: 26,
  EFBIG: 27,
  ENOSPC: 28,
  EROFS: 30,
  EPIPE: 32,
  ERANGE: 34,
  EDEADLK: 35,
  ENAMETOOLONG: 36,
  ENOSYS: 38,
  ENOTEMPTY: 39,
  ELOOP: 40,
  ENODATA: 61,
  EPROTO: 71,
  EOVERFLOW: 75,
  ENOTSOCK: 88,
  EMSGSIZE: 90,
  EPROTONOSUPPORT: 93,
  EOPNOTSUPP: 95,
  ENOTSUP: 95,
  EADDRINUSE: 98,
  ECONNABORTED: 103,
  ECONNRESET: 104,
  ENOTCONN: 107,
  ETIMEDOUT: 110,
  ECONNREFUSED: 111,
  EHOSTUNREACH: 113,
  EALREADY: 114,
  ECANCELED: 125,
  ENOTRECOVERABLE: 131,
} as const;

export type ErrnoName = keyof typeof Errno;

/** What strerror(3) says in the C locale: clients print these texts when a response carries none. */
const texts: Record<number, string> = {
  1: "Operation not permitted",
  2: "No such file or directory",
  3: "No such process",
  4: "Interrupted system call",
  5: "Input/output error",
  6: "No such device or address",
  7: "Argument list too long",
  8: "Exec format error",
  9: "Bad file descriptor",
  10: "No child processes",
  11: "Resource temporarily unavailable",
  12: "Cannot allocate memory",
  13: "Permission denied",
  14: "Bad address",
  16: "Device or resource busy",
  17: "File exists",
  19: "No such device",
  20: "Not a directory",
  21: "Is a directory",
  22: "Invalid argument",
  23: "Too many open files in system",
  24: "Too many open files",
  25: "Inappropriate ioctl for device",
  26: "Text file busy",
  27: "File too large",
  28: "No space left on device",
  30: "Read-only file system",
  32: "Broken pipe",
  34: "Numerical result out of range",
  35: "Resource deadlock avoided",
  36: "File name too long",
  38: "Function not implemented",
  39: "Directory not empty",
  40: "Too many levels of symbolic links",
  61: "No data available",
  71: "Protocol error",
  75: "Value too large for defined data type",
  88: "Socket operation on non-socket",
  90: "Message too long",
  93: "Protocol not supported",
  95: "Operation not supported",
  98: "Address already in use",
  103: "Software caused connection abort",
  104: "Connection reset by peer",
  107: "Transport endpoint is not connected",
  110: "Connection timed out",
  111: "Connection refused",
  113: "No route to host",
  114: "Operation already in progress",
  125: "Operation canceled",
  131: "State not recoverable",
};

/** The text of an errno number, as strerror(3) has it. */
export function errnoText(errnum: number): string {
  return texts[errnum] ?? `Unknown error ${errnum}`;
}

const names = new Map<number, ErrnoName>();
for (const [name, number] of Object.entries(Errno)) {
  if (!names.has(number)) names.set(number, name as ErrnoName);
}

/** The symbolic name of an errno number, or undefined for one this table does not know. */
export function errnoName(errnum: number): ErrnoName | undefined {
  return names.get(errnum);
}
