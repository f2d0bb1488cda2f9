/** The HTML pages of the host for its datacenters, datastores and folders. */
import type { DatastoreEntry } from "./datastore.ts";
import { parentFolder } from "./path.ts";

const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
const DATACENTER_QUERY = "dcPath=ha%2ddatacenter";

/** The page of `/folder`: the datacenters. */
export function datacenterPage(): string {
  return page("Index of", [row(`/folder?${DATACENTER_QUERY}`, "ha-datacenter")]);
}

/** The page of `/folder?dcPath=ha-datacenter`: the datastores. */
export function datastorePage(names: readonly string[]): string {
  return page(
    "Index of datacenter ha-datacenter",
    names.map((name) => row(`/folder?${query(name)}`, name)),
  );
}

/** The page of a folder: a link upwards, then folders and files by name. */
export function folderPage(datastore: string, path: string, entries: readonly DatastoreEntry[]): string {
  const up = path === "" ? `/folder?${DATACENTER_QUERY}` : folderUrl(datastore, parentFolder(path));
  return page(`Index of ${path} on datastore ${datastore} in datacenter ha-datacenter`, [
    row(up, "Parent Directory"),
    ...entries.map((entry) => {
      const directory = entry.kind === "directory";
      const url = folderUrl(datastore, path === "" ? entry.name : `${path}/${entry.name}`);
      return row(
        url,
        directory ? `${entry.name}/` : entry.name,
        entry.modified,
        directory ? undefined : entry.sizeBytes,
      );
    }),
  ]);
}

function folderUrl(datastore: string, path: string): string {
  const encoded = path === "" ? "" : `/${path.split("/").map(encodeURIComponent).join("/")}`;
  return `/folder${encoded}?${query(datastore)}`;
}

function query(datastore: string): string {
  return `${DATACENTER_QUERY}&dsName=${encodeURIComponent(datastore)}`;
}

function row(url: string, label: string, modified?: Date, sizeBytes?: number): string {
  const date = modified === undefined ? "" : formatDate(modified);
  return (
    `<tr><td><a href="${escapeHtml(url)}">${escapeHtml(label)}</a></td>` +
    `<td align="right">${date}</td><td align="right">${sizeBytes ?? "  - "}</td></tr>\n`
  );
}

function page(title: string, rows: readonly string[]): string {
  return (
    `<html><head><meta http-equiv="content-type" content="text/html; charset=utf8">` +
    `<title>${escapeHtml(title)}</title></head>\n<body>\n<h1>${escapeHtml(title)}</h1>\n` +
    `<table>\n<tr><th>Name</th><th>Last modified</th><th>Size</th></tr><tr><th colspan="3"><hr></th></tr>\n` +
    `${rows.join("")}<tr><th colspan="3"><hr></th></tr>\n</table>\n</body>\n</html>\n`
  );
}

/** `07-Mar-2024 09:05`, in UTC like the host's clock. */
function formatDate(date: Date): string {
  const two = (value: number) => String(value).padStart(2, "0");
  return (
    `${two(date.getUTCDate())}-${MONTHS[date.getUTCMonth()]}-${date.getUTCFullYear()} ` +
    `${two(date.getUTCHours())}:${two(date.getUTCMinutes())}`
  );
}

function escapeHtml(text: string): string {
  return text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;");
}
