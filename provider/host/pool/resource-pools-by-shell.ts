import { isDeepStrictEqual } from "node:util";
import type { EsxiShell } from "../../ssh/commands/esxi-shell.ts";
import type { EsxiHost } from "../esxi-host.ts";
import { HostError } from "../host-error.ts";
import { confirmed } from "../shell/confirmed.ts";
import { encodeVmName } from "../vm/reading/vm-name.ts";
import type { PoolAllocation, PoolLook, PoolState, PoolWriter } from "./pool-state.ts";

/** Why a pool cannot be moved. */
export const NO_MOVE = "no command moves a resource pool into another one";

/** Resource pools by `vim-cmd hostsvc/rsrc/…`. Ids come from the API: several pools may have the same name. */
export const resourcePoolsByShell = (host: EsxiHost, shell: EsxiShell, look: PoolLook): PoolWriter => ({
  async add(within, parent, wish, signal) {
    const words = ["hostsvc/rsrc/create", ...figures(wish, NO_LIMITS), within.value, ...nameOf(wish)];
    const made = await confirmed(host, {
      what: `make the resource pool "${wish.name}"`,
      write: (limit) => shell.vimCmd(words, limit),
      look: () => look.inside(parent, wish.name),
      makes: true,
      signal,
    });
    return made.ref;
  },

  async update(pool, wish, signal) {
    const id = pool.ref.value;
    if (pool.state.name !== wish.name) {
      await confirmed(host, {
        what: `rename the resource pool "${pool.path}" to "${wish.name}"`,
        write: (limit) => shell.vimCmd(["hostsvc/rsrc/rename", id, ...nameOf(wish)], limit),
        look: async () => (await look.byId(id))?.state.name === wish.name || undefined,
        signal,
      });
    }
    if (areSame(pool.state, wish)) return;
    await confirmed(host, {
      what: `change the figures of the resource pool "${pool.path}"`,
      write: (limit) =>
        shell.vimCmd(["hostsvc/rsrc/pool_config_set", ...figures(wish, pool.state), id], limit),
      look: async () => {
        const now = await look.byId(id);
        return (now && areSame(now.state, wish)) || undefined;
      },
      signal,
    });
  },

  async move(pool) {
    throw new HostError(
      `${host.name}: the resource pool "${pool.path}" cannot be moved over SSH: ${NO_MOVE}. Nothing was changed.`,
    );
  },

  async remove({ ref, path }, signal) {
    await confirmed(host, {
      what: `remove the resource pool "${path}"`,
      write: (limit) => shell.vimCmd(["hostsvc/rsrc/destroy", ref.value], limit),
      look: async () => (await look.byId(ref.value)) === undefined || undefined,
      signal,
    });
  },
});

/** A name as the host's agent takes it. Behind `--`, a name that begins with a dash is not read as an option. */
const nameOf = ({ name }: PoolState): string[] => [
  ...(name.startsWith("-") ? ["--"] : []),
  encodeVmName(name),
];

const NO_LIMITS = { cpu: { limit: -1 }, memory: { limit: -1 } };

function figures({ cpu, memory }: PoolState, before: Limits): string[] {
  return [...figuresOf("cpu", cpu, before.cpu.limit), ...figuresOf("mem", memory, before.memory.limit)];
}

type Limits = { readonly [K in "cpu" | "memory"]: Pick<PoolAllocation, "limit"> };

/** Without the option there is no limit. The value -1 removes a limit that was there. */
function figuresOf(prefix: "cpu" | "mem", wish: PoolAllocation, limitBefore: number): string[] {
  const { reservation, expandable, limit, shareLevel, shares } = wish;
  return [
    `--${prefix}-min=${reservation}`,
    `--${prefix}-min-expandable=${expandable}`,
    ...(limit < 0 && limitBefore < 0 ? [] : [`--${prefix}-max=${limit}`]),
    `--${prefix}-shares=${shareLevel === "custom" ? shares : shareLevel}`,
  ];
}

function areSame(one: PoolState, other: PoolState): boolean {
  const plain = ({ cpu, memory }: PoolState) => [cpu, memory].map(withoutLevelsNumber);
  return isDeepStrictEqual(plain(one), plain(other));
}

/** The host decides what number of shares a level means. */
const withoutLevelsNumber = ({ shares, ...rest }: PoolAllocation) =>
  rest.shareLevel === "custom" ? { ...rest, shares } : rest;
