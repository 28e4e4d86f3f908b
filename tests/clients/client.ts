// A client as a front end would write it, on types generated from the documents. It works against the running product:
//
//     node made/js/client.js http://127.0.0.1:8000 path/to/tokens.json
//
// and says in one line of JSON what it has seen; tests/clients/test_clients.py judges that.

import { readFileSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";

import createClient from "openapi-fetch";

import type { components as Told, paths as Complaints } from "./made/complaints.js";
import type { components as Kept, paths as Customers } from "./made/customers.js";
import type { paths as Reporting } from "./made/reporting.js";

type Customer = Kept["schemas"]["CustomerOut"];
type Problem = Kept["schemas"]["Problem"];
type Event = Told["schemas"]["EventPage"]["items"][number];

const [url, tokens] = process.argv.slice(2);
if (!url || !tokens) {
  throw new Error("node client.js URL TOKENS");
}
const token = (JSON.parse(readFileSync(tokens, "utf8")) as Record<string, string>)["admin"];
const options = { baseUrl: url, headers: { Authorization: `Bearer ${token}` } };
const customers = createClient<Customers>(options);
const complaints = createClient<Complaints>(options);
const reporting = createClient<Reporting>(options);

function given<T>(answer: { data?: T; error?: Problem; response: Response }): T {
  if (answer.data === undefined) {
    throw new Error(`${answer.response.status} ${answer.error?.slug}: ${answer.error?.detail}`);
  }
  return answer.data;
}

async function registered(name: string): Promise<{ customer: Customer; etag: string }> {
  const answer = await customers.POST("/customers/v1/customers", { body: { name, phones: ["13800138000"] } });
  return { customer: given(answer), etag: answer.response.headers.get("etag") ?? "" };
}

async function listed(): Promise<Customer[]> {
  const found: Customer[] = [];
  for (let cursor: string | null | undefined; cursor !== null; ) {
    const query = cursor === undefined ? { limit: 2 } : { limit: 2, cursor };
    const page = given(await customers.GET("/customers/v1/customers", { params: { query } }));
    found.push(...page.items);
    cursor = page.next;
  }
  return found;
}

// One field alone: a default of another field that a generator took for a value would change that field too.
function patched(customer_id: string, etag: string) {
  return customers.PATCH("/customers/v1/customers/{customer_id}", {
    params: { path: { customer_id }, header: { "If-Match": etag } },
    body: { address: "南京西路 1 号" },
  });
}

async function happened(): Promise<Event[]> {
  const found: Event[] = [];
  for (let after: number | null = 0; after !== null; ) {
    const query: { after: number; limit: number } = { after, limit: 100 };
    const page: Told["schemas"]["EventPage"] = given(
      await complaints.GET("/complaints/v1/events", { params: { query } }),
    );
    found.push(...page.items);
    after = page.next;
  }
  return found;
}

// `type` tells the events apart: behind it `data` has the fields of that event and no others.
function number_of(event: Event): string | undefined {
  // @ts-expect-error  not every event has a number
  void event.data.number;
  return event.type === "crm.complaint.opened" ? event.data.number : undefined;
}

async function until<T>(look: () => Promise<T | undefined>): Promise<T> {
  for (let tries = 0; tries < 300; tries += 1) {
    const found = await look();
    if (found !== undefined) {
      return found;
    }
    await pause(100);
  }
  throw new Error("it does not come");
}

async function kind_in_timeline(customer_id: string): Promise<string | undefined> {
  const path = { customer_id };
  const answer = await reporting.GET("/reporting/v1/customers/{customer_id}/timeline", { params: { path } });
  for (const entry of answer.data?.items ?? []) {
    if (entry.type === "crm.complaint.opened") {
      return entry.data.kind;
    }
  }
  return undefined;
}

// What the documents forbid does not compile.
export const forbidden: Kept["schemas"]["CustomerPatch"][] = [
  // @ts-expect-error  no such field
  { nickname: "x" },
  // @ts-expect-error  no such language
  { language: "fr" },
  // @ts-expect-error  a name may be changed, not emptied
  { name: null },
];

const { customer, etag } = await registered("上海旗舰店");
await registered("杭州店");
await registered("苏州店");
const names = (await listed()).map((each) => each.name);
const changed = await patched(customer.id, etag);
const stale = await patched(customer.id, etag);
const unknown = await customers.POST("/customers/v1/customers", { body: { name: "", phones: ["1"] } });
const opened = given(
  await complaints.POST("/complaints/v1/complaints", {
    body: { customer_id: customer.id, subject: "product", text: "坏了" },
  }),
);
const told = await until(async () => (await happened()).map(number_of).find((number) => number === opened.number));

console.log(
  JSON.stringify({
    names,
    before: customer,
    after: given(changed),
    stale: { status: stale.response.status, slug: stale.error?.slug },
    unknown: { status: unknown.response.status, pointers: unknown.error?.errors.map((each) => each.pointer) },
    opened: opened.number,
    told,
    kind: await until(() => kind_in_timeline(customer.id)),
  }),
);
