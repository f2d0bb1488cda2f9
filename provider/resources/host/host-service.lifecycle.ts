import * as v from "valibot";
import type { EsxiHost } from "../../host/esxi-host.ts";
import { HostError } from "../../host/host-error.ts";
import { lookTwice } from "../../host/look-twice.ts";
import type { MarkState } from "../../host/marks/mark.ts";
import { readServices, type Services, type ServiceWish, setService } from "../../host/services.ts";
import { writerOf } from "../../host/shell/api-or-shell.ts";
import { noCommandFor, setServiceByShell } from "../../host/shell/services-by-shell.ts";
import { UnreadableError } from "../../host/unreadable-error.ts";
import { hostResource, hostResourceEntries, type Job } from "../frame/host-resource.ts";
import type { Context, Lifecycle, Properties } from "../frame/lifecycle.ts";
import { isUnknown } from "../inputs/check-inputs.ts";
import { name, oneOf, unknownSetting, yesOrNo } from "../inputs/setting-forms.ts";
import type { Ability } from "../preview/wants.ts";
import { MarkedThing } from "../take-back/marked-thing.ts";

const schema = v.strictObject(
  {
    ...hostResourceEntries,
    service: name,
    running: v.optional(yesOrNo),
    policy: v.optional(oneOf(["on", "off", "automatic"])),
  },
  unknownSetting,
);

type Service = Services["all"][number];

/** The settings that this resource has ever changed, with the values from before. */
const foundOf = (props: Properties): ServiceWish => (props.__found ?? {}) as ServiceWish;

/** The lifecycle of {@link HostService}, in the dynamic-provider process. */
export const hostService: Lifecycle = hostResource({
  what: ({ service }) => `The service "${String(service)}"`,
  schema,
  outputs: ["key", "label"],
  replacing: ["service"],
  inPlace: ["running", "policy"],
  rules: { shown: ["service", "policy"] },

  wants: (inputs) => ({ needs: [], abilities: apiOnly(inputs) }),

  // A key and a label may name the same service.
  align: (olds, news) => ({
    ...olds,
    ...(typeof news.service === "string" && isCalled(olds, news.service) && { service: news.service }),
  }),

  async create(settings, job) {
    const { host, context, exists } = job;
    const { services, service } = await findService(host, settings.service);
    const marked = markedBy(job, service.key);
    const before = await foundBefore(service, marked, context);
    const found = beforeChange(settings, service, before);
    exists(service.key, outputsOf(service, found));
    await marked.making({ ...found }, () => change(host, services, service, settings, context));
    await marked.made({ ...found });
    return { id: service.key, outs: outputsOf(await findAgain(host, service.key), found) };
  },

  async read(id, props, { host }) {
    const service = (await needServices(host)).all.find(({ key }) => key === id);
    return service && outputsOf(service, foundOf(props));
  },

  async update(id, olds, settings, job) {
    const { host, context, exists } = job;
    const { services, service } = await findService(host, id);
    const found = beforeChange(settings, service, foundOf(olds));
    exists(id, outputsOf(service, found));
    const marked = markedBy(job, id);
    await marked.making({ ...found }, () => change(host, services, service, settings, context));
    await marked.made({ ...found });
    return outputsOf(await findAgain(host, id), found);
  },

  async delete(id, props, job) {
    const { host, context } = job;
    const found = await lookTwice(async () => {
      const services = await needServices(host);
      const service = services.all.find(({ key }) => key === id);
      return service && { services, service };
    });
    await markedBy(job, id).remove();
    if (found) await change(host, found.services, found.service, foundOf(props), context);
  },
});

/** Sends the settings that differ, in the way that the host allows. */
async function change(
  host: EsxiHost,
  services: Services,
  service: Service,
  wish: ServiceWish,
  { signal }: Context,
): Promise<void> {
  const send = await writerOf(host, {
    api: () => () => setService(host, services, service, wish, signal),
    ssh: (_host, shell) => () => setServiceByShell(host, shell, service, wish, signal),
  });
  await send();
}

/** The change for which the host's shell has no command. */
function apiOnly({ service, running, policy }: Properties): Ability[] {
  if (typeof service !== "string" || isUnknown(service)) return [];
  const problem = noCommandFor(service, {
    ...(typeof running === "boolean" && { running }),
    ...(typeof policy === "string" && { policy }),
  });
  return problem === undefined ? [] : [{ kind: "api", ...problem, value: [service, running, policy] }];
}

/** A service belongs to nobody, and several programs may change it. Each remembers what it found. */
const markedBy = (job: Job, key: string) =>
  new MarkedThing(job, { kind: "HostService", name: `${key} ${job.urn}` });

/** What this resource found before a run of it was killed, or before its state was lost. */
async function foundBefore({ label }: Service, marked: MarkedThing, context: Context): Promise<ServiceWish> {
  const { made, making } = await marked.read();
  const mark = making ?? made;
  if (mark === undefined) return {};
  context.progress.info(`taking back the service "${label}", which this resource changed before`);
  return foundIn(mark.state);
}

function foundIn({ running, policy }: MarkState): ServiceWish {
  return {
    ...(typeof running === "boolean" && { running }),
    ...(typeof policy === "string" && { policy }),
  };
}

/** @throws UnreadableError if the host does not show its services. */
async function needServices(host: EsxiHost): Promise<Services> {
  const services = await readServices(host);
  if (services) return services;
  throw new UnreadableError(
    `${host.name} does not show its services now. They are not gone. Check whether the user of esxi:username may read them.`,
  );
}

async function findService(host: EsxiHost, name: string): Promise<{ services: Services; service: Service }> {
  const services = await readServices(host);
  const service = services?.all.find((one) => isCalled(one, name));
  if (services && service) return { services, service };
  const known = (services?.all ?? []).map(({ key, label }) => `${key} (${label})`).join(", ");
  throw new HostError(
    `${host.name} has no service "${name}"${known ? `. It has: ${known}` : ", or it does not show its services to this user"}. ` +
      "Nothing was changed.",
  );
}

async function findAgain(host: EsxiHost, key: string): Promise<Service> {
  return (await findService(host, key)).service;
}

function isCalled({ key, label }: { readonly key?: unknown; readonly label?: unknown }, name: string) {
  return [key, label].some((one) => String(one).toLowerCase() === name.toLowerCase());
}

/** The values to put back at the end. A value from before wins, because the program may have changed its mind. */
function beforeChange(settings: ServiceWish, now: Service, before: ServiceWish): ServiceWish {
  return {
    ...(settings.running !== undefined && { running: now.running }),
    ...(settings.policy !== undefined && { policy: now.policy }),
    ...before,
  };
}

function outputsOf({ key, label, running, policy }: Service, found: ServiceWish): Properties {
  return { key, label, running, policy, __found: found };
}
