import * as v from "valibot";
import type { EsxiHost } from "../host/esxi-host.ts";
import { HostError } from "../host/host-error.ts";
import { lookTwice } from "../host/look-twice.ts";
import { readServices, type Services, type ServiceWish, setService } from "../host/services.ts";
import { UnreadableError } from "../host/unreadable-error.ts";
import { hostResource, hostResourceEntries } from "./host-resource.ts";
import type { Lifecycle, Properties } from "./lifecycle.ts";
import { name, oneOf, unknownSetting, yesOrNo } from "./setting-forms.ts";

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

/** What the service was like before this resource changed it, for the settings that it has ever changed. */
const foundOf = (props: Properties): ServiceWish => (props.__found ?? {}) as ServiceWish;

/** The lifecycle of {@link HostService}, in the dynamic-provider process. */
export const hostService: Lifecycle = hostResource({
  what: ({ service }) => `The service "${String(service)}"`,
  schema,
  outputs: ["key", "label"],
  replacing: ["service"],
  inPlace: ["running", "policy"],
  rules: { shown: ["service", "policy"] },

  // A key and a label may be the same service.
  align: (olds, news) => ({
    ...olds,
    ...(typeof news.service === "string" && isCalled(olds, news.service) && { service: news.service }),
  }),

  async create(settings, { host, context, exists }) {
    const { services, service } = await findService(host, settings.service);
    const found = beforeChange(settings, service, {});
    exists(service.key, outputsOf(service, found));
    await setService(host, services, service, settings, context.signal);
    return { id: service.key, outs: outputsOf(await findAgain(host, service.key), found) };
  },

  async read(id, props, { host }) {
    const service = (await needServices(host)).all.find(({ key }) => key === id);
    return service && outputsOf(service, foundOf(props));
  },

  async update(id, olds, settings, { host, context, exists }) {
    const { services, service } = await findService(host, id);
    const found = beforeChange(settings, service, foundOf(olds));
    exists(id, outputsOf(service, found));
    await setService(host, services, service, settings, context.signal);
    return outputsOf(await findAgain(host, id), found);
  },

  async delete(id, props, { host, context }) {
    const found = await lookTwice(async () => {
      const services = await needServices(host);
      const service = services.all.find(({ key }) => key === id);
      return service && { services, service };
    });
    if (found) await setService(host, found.services, found.service, foundOf(props), context.signal);
  },
});

/** @throws UnreadableError if the host does not tell. */
async function needServices(host: EsxiHost): Promise<Services> {
  const services = await readServices(host);
  if (services) return services;
  throw new UnreadableError(
    `${host.name} does not tell its services now. They are not gone. Look whether esxi:username may read them.`,
  );
}

async function findService(host: EsxiHost, name: string): Promise<{ services: Services; service: Service }> {
  const services = await readServices(host);
  const service = services?.all.find((one) => isCalled(one, name));
  if (services && service) return { services, service };
  const known = (services?.all ?? []).map(({ key, label }) => `${key} (${label})`).join(", ");
  throw new HostError(
    `${host.name} has no service "${name}"${known ? `. It has: ${known}` : ", or tells nobody of its services"}. ` +
      "Nothing was changed.",
  );
}

async function findAgain(host: EsxiHost, key: string): Promise<Service> {
  return (await findService(host, key)).service;
}

function isCalled({ key, label }: { readonly key?: unknown; readonly label?: unknown }, name: string) {
  return [key, label].some((one) => String(one).toLowerCase() === name.toLowerCase());
}

/** What is to be put back at the end; what is known from before counts, since the program may have changed its mind. */
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
