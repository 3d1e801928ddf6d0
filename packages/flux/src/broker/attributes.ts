import { FluxError } from "@flux-ts/protocol/rpc/error";
import { attributeRule, attributeRules } from "./attribute-table.ts";

/** `attr.get` flag: the value will not change, clients may cache it. */
export const attrImmutable = 1;

/** The attributes of one broker. A null value is known but unset: it is listed, and ENOENT to get. */
export class Attributes {
  readonly #values = new Map<string, string | null>();
  /** Runs before an attribute changes at run time; throws to refuse the value. */
  onUpdate: (name: string, value: string) => void = () => {};

  constructor() {
    for (const [name, { initial }] of Object.entries(attributeRules)) {
      if (initial !== undefined) this.#values.set(name, initial);
    }
  }

  get(name: string): string | undefined {
    return this.#values.get(name) ?? undefined;
  }

  /** The value of an attribute that every broker has. */
  require(name: string): string {
    const value = this.get(name);
    if (value === undefined) throw new FluxError("ENOENT", `attribute ${name} is not set`);
    return value;
  }

  /** Set by the broker itself, which may set anything. */
  set(name: string, value: string | null): void {
    this.#values.set(name, value);
  }

  delete(name: string): void {
    this.#values.delete(name);
  }

  /** Set from the command line (`-S NAME=VALUE`; without `=` the value is null). */
  setFromCommandLine(name: string, value: string | null): void {
    const rule = attributeRule(name);
    if (!rule) throw new FluxError("ENOENT", `${name}: unknown attribute`);
    if (rule.readOnly) {
      throw new FluxError("EINVAL", `${name}: attribute may not be set on the command line`);
    }
    this.#values.set(name, value);
  }

  /** `attr.set`: ENOENT unknown, EPERM immutable, EINVAL not changeable at run time without `force`. */
  update(name: string, value: string, force: boolean): void {
    const rule = attributeRule(name);
    if (!rule) throw new FluxError("ENOENT", "unknown attribute");
    if (rule.immutable && this.#values.has(name)) throw new FluxError("EPERM");
    if (!rule.runtime && !force) throw new FluxError("EINVAL", "attribute may not be updated");
    this.onUpdate(name, value);
    this.#values.set(name, value);
  }

  /** `attr.rm`: fine if it was not set. */
  remove(name: string): void {
    if (attributeRule(name)?.immutable) throw new FluxError("EPERM");
    this.#values.delete(name);
  }

  isImmutable(name: string): boolean {
    return attributeRule(name)?.immutable === true;
  }

  get names(): string[] {
    return [...this.#values.keys()].sort();
  }

  /** What modules are told when they start: all that cannot change any more. */
  get immutables(): Record<string, string> {
    const all: Record<string, string> = {};
    for (const [name, value] of this.#values) {
      if (value !== null && this.isImmutable(name)) all[name] = value;
    }
    return all;
  }
}
