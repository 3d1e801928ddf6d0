import { FluxError } from "@flux-ts/protocol/rpc/error";
import {
  type BusinessCard,
  endpointOf,
  parseBusinessCard,
  printBusinessCard,
} from "../../overlay/business-card.ts";
import type { Overlay } from "../../overlay/overlay.ts";
import type { ProcessGroup } from "./process-group.ts";

/** The business cards of the other brokers, each asked for once. */
export class CardFile {
  readonly #group: ProcessGroup;
  readonly #cards = new Map<number, BusinessCard>();

  constructor(group: ProcessGroup) {
    this.#group = group;
  }

  async put(card: BusinessCard): Promise<void> {
    await this.#group.put(`${this.#group.rank}`, printBusinessCard(card));
  }

  async of(rank: number): Promise<BusinessCard> {
    const known = this.#cards.get(rank);
    if (known) return known;
    const text = await this.#group.get(`${rank}`);
    if (text === undefined) throw new FluxError("ENOENT", `rank ${rank} put no business card`);
    const card = parseBusinessCard(text, rank);
    this.#cards.set(rank, card);
    return card;
  }

  /** Host names of all ranks. */
  async hosts(): Promise<string[]> {
    const hosts: string[] = [];
    for (let rank = 0; rank < this.#group.size; rank++) hosts.push((await this.of(rank)).host);
    return hosts;
  }
}

export interface Meeting {
  readonly group: ProcessGroup;
  readonly cards: CardFile;
  readonly card: BusinessCard;
  readonly children: readonly number[];
  readonly parent: number | undefined;
  /** Prefer a socket in the file system on the way to the parent. */
  readonly preferIpc: boolean;
}

/**
 * Exchange business cards: afterwards the children may connect, and the caller may connect to the
 * parent, whose endpoint and key are returned (undefined on rank 0).
 */
export async function exchangeCards(
  overlay: Overlay,
  meeting: Meeting,
): Promise<{ endpoint: string; key: string } | undefined> {
  const { group, cards, card, children, parent } = meeting;
  await cards.put(card);
  await group.barrier();
  for (const child of children) overlay.authorize(keyOf(await cards.of(child), child));
  const parentCard = parent === undefined ? undefined : await cards.of(parent);
  // Nobody connects before everybody has authorised its children.
  await group.barrier();
  if (parent === undefined || !parentCard) return undefined;
  const endpoint = endpointOf(parentCard, { preferIpc: meeting.preferIpc });
  if (endpoint === undefined) throw new FluxError("ENOENT", `rank ${parent} has no endpoint`);
  return { endpoint, key: keyOf(parentCard, parent) };
}

function keyOf({ pubkey }: BusinessCard, rank: number): string {
  if (pubkey === undefined) throw new FluxError("EPROTO", `rank ${rank} has no public key`);
  return pubkey;
}
