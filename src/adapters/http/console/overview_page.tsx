/** @jsxRuntime automatic */
/** @jsxImportSource hono/jsx */
/** The overview: what the server is, what it does, and who uses it. */
import type { Run } from "./commands.ts";
import { keyUrl } from "./key_urls.ts";
import { Bytes, Notice, page, Table } from "./layout.tsx";
import type { LayoutProps, Page } from "./layout.tsx";
import { bytesOf, fieldsOf, itemsOf, numberOf, type Reply, textOf } from "./reply.ts";
import { count, duration, micros, size } from "./text.ts";

const HOT_KEYS = 10;
const SLOW_COMMANDS = 12;
/** Clients that are listed; where there are more, a list says little and costs much. */
const MAX_CLIENTS = 500;
const SHOWN_CLIENTS = 50;
const MAX_KEY_BYTES = 80;
const MAX_COMMAND_BYTES = 90;

/** A chart; the script knows by the name what is drawn. */
interface Chart {
  readonly name: string;
  readonly title: string;
  readonly unit: string;
}

const CHARTS: readonly Chart[] = [
  { name: "commands", title: "Commands", unit: "per second" },
  { name: "latency", title: "Run time", unit: "per command" },
  { name: "hits", title: "Hit ratio", unit: "of lookups" },
  { name: "memory", title: "Memory", unit: "in use" },
  { name: "gone", title: "Evicted, expired", unit: "keys per second" },
  { name: "network", title: "Network", unit: "bytes per second" },
];

type Info = Readonly<Record<string, string>>;

/** The figures of INFO by name. */
function readInfo(text: string): Info {
  return Object.fromEntries(
    text.split("\r\n").filter((line) => line.includes(":"))
      .map((line) => [line.slice(0, line.indexOf(":")), line.slice(line.indexOf(":") + 1)]),
  );
}

export async function overviewPage(
  run: Run,
  frame: Pick<LayoutProps, "assets" | "user">,
): Promise<Page> {
  const [info] = await run([["INFO"]]);
  return page({
    ...frame,
    title: "Overview",
    page: "overview",
    hasCharts: true,
    children: (
      <>
        <h1 class="hidden">Overview</h1>
        {info.kind === "error" ? <NoFigures message={info.text} /> : (
          <>
            <Facts info={readInfo(textOf(info))} />
            <Charts info={readInfo(textOf(info))} />
          </>
        )}
        <div id="tables" class="tables">{await tables(run)}</div>
      </>
    ),
  });
}

function NoFigures({ message }: { readonly message: string }) {
  return (
    <Notice kind="error" title="This user may not see the server's figures">
      <code>{message}</code>
    </Notice>
  );
}

function Facts({ info }: { readonly info: Info }) {
  const facts: readonly (readonly [name: string, id: string, value: string])[] = [
    ["Version", "", info.crabcache_version],
    ["Runtime", "", info.runtime],
    ["Up for", "uptime", duration(Number(info.uptime_in_seconds))],
    ["Keys", "keys", count(keysOf(info))],
    ["Clients", "clients", count(Number(info.connected_clients))],
    ["Waiting", "blocked", count(Number(info.blocked_clients))],
    ["Errors/s", "errors", "–"],
    ["Eviction", "", info.maxmemory_policy],
  ];
  return (
    <dl class="facts" data-uptime={info.uptime_in_seconds}>
      {facts.map(([name, id, value]) => (
        <div>
          <dt>{name}</dt>
          <dd id={id === "" ? undefined : `fact-${id}`}>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

function keysOf(info: Info): number {
  return databasesOf(info).reduce((sum, { keys }) => sum + keys, 0);
}

interface DatabaseLine {
  readonly db: number;
  readonly keys: number;
  readonly expires: number;
  readonly averageTtlMs: number;
}

function databasesOf(info: Info): DatabaseLine[] {
  return Object.entries(info).flatMap(([name, value]) => {
    const found = /^keys=(\d+),expires=(\d+),avg_ttl=(\d+)/.exec(value);
    if (!/^db\d+$/.test(name) || found === null) return [];
    const [keys, expires, averageTtlMs] = found.slice(1).map(Number);
    return [{ db: Number(name.slice(2)), keys, expires, averageTtlMs }];
  });
}

function Charts({ info }: { readonly info: Info }) {
  const used = Number(info.used_memory), budget = Number(info.maxmemory);
  return (
    <>
      <noscript>
        <Notice kind="empty" title="Live figures need JavaScript">
          What this page says is as of when it was loaded.
        </Notice>
      </noscript>
      <p id="connection" class="notice error" role="alert" hidden></p>
      <section class="charts" aria-label="Live figures">
        {CHARTS.map(({ name, title, unit }) => (
          <figure class="chart" data-chart={name}>
            <figcaption>
              <span class="chart-title">{title}</span> <span class="unit">{unit}</span>
              <output class="now" data-now={name}>
                {name === "memory" ? size(used) : "–"}
              </output>
              <span class="more" data-more={name}>
                {name === "memory" && (budget > 0 ? `of ${size(budget)}` : "no limit")}
              </span>
            </figcaption>
            {name === "memory" && budget > 0 && (
              <meter
                id="memory-meter"
                min={0}
                max={budget}
                value={used}
                aria-label="Memory in use against the budget"
              >
              </meter>
            )}
            <div class="plot" role="img" aria-label={`Chart of ${title.toLowerCase()}, ${unit}`}>
            </div>
          </figure>
        ))}
      </section>
    </>
  );
}

/** The tables; the page asks for them again every few seconds. */
export async function tables(run: Run): Promise<Page> {
  const [hot, slow, info] = await run([
    ["HOTKEYS", "COUNT", HOT_KEYS],
    ["SLOWLOG", "GET", SLOW_COMMANDS],
    ["INFO", "clients", "keyspace"],
  ]);
  const figures = readInfo(listingOf(info));
  const clientCount = Number(figures.connected_clients ?? 0);
  const clients = clientCount > MAX_CLIENTS ? undefined : (await run([["CLIENT", "LIST"]]))[0];
  return (
    <>
      <div class="stack">
        <HotKeys reply={hot} />
        <Databases info={figures} error={info.kind === "error" ? info.text : undefined} />
      </div>
      <SlowLog reply={slow} />
      <Clients reply={clients} total={clientCount} />
    </>
  );
}

function Section(
  { id, title, note, error, children }: {
    readonly id: string;
    readonly title: string;
    readonly note?: string;
    readonly error?: string | undefined;
    // deno-lint-ignore no-explicit-any -- what JSX passes
    readonly children?: any;
  },
) {
  return (
    <section class={`card ${id}`} id={id} aria-labelledby={`${id}-title`}>
      <h2 id={`${id}-title`}>{title} {note !== undefined && <span class="unit">{note}</span>}</h2>
      {error === undefined ? children : (
        <Notice kind="empty" title="This user may not see it">
          <code>{error}</code>
        </Notice>
      )}
    </section>
  );
}

/** The text of a reply that is no error. */
function listingOf(reply: Reply | undefined): string {
  return reply?.kind === "error" ? "" : textOf(reply);
}

function errorOf(reply: Reply | undefined): string | undefined {
  return reply?.kind === "error" ? reply.text : undefined;
}

function HotKeys({ reply }: { readonly reply: Reply }) {
  const rows = itemsOf(reply).map((item) => {
    const fields = fieldsOf(item);
    const key = bytesOf(fields.key), db = numberOf(fields.db) ?? 0;
    const share = numberOf(fields.share) ?? 0;
    return [
      <a href={keyUrl(db, key)}>
        <Bytes bytes={key} max={MAX_KEY_BYTES} />
      </a>,
      String(db),
      count(numberOf(fields["accesses-per-second"]) ?? 0),
      `± ${count(numberOf(fields.error) ?? 0)}`,
      <span class="share">
        <meter min={0} max={1} value={share} aria-label="Share of all uses"></meter>
        {`${(share * 100).toFixed(1)} %`}
      </span>,
    ];
  });
  return (
    <Section id="hot" title="Hot keys" note="estimated" error={errorOf(reply)}>
      <Table
        label="Hot keys"
        columns={[
          { title: "Key" },
          { title: "DB", isNumber: true },
          { title: "Uses/s", isNumber: true },
          { title: "Error", isNumber: true, isWide: true },
          { title: "Share", isNumber: true },
        ]}
        rows={rows}
        empty="No key was used lately"
      />
    </Section>
  );
}

function SlowLog({ reply }: { readonly reply: Reply }) {
  const rows = itemsOf(reply).map((entry) => {
    const [, at, us, words, address] = itemsOf(entry);
    const command = itemsOf(words).flatMap((word, i) => [...i > 0 ? [0x20] : [], ...bytesOf(word)]);
    const time = new Date((numberOf(at) ?? 0) * 1000).toISOString();
    return [
      <time datetime={time}>{time.slice(11, 19)}</time>,
      micros(numberOf(us) ?? 0),
      <Bytes bytes={Uint8Array.from(command)} max={MAX_COMMAND_BYTES} />,
      textOf(address),
    ];
  });
  return (
    <Section id="slow" title="Slow log" note="newest first, times in UTC" error={errorOf(reply)}>
      <Table
        label="Slow log"
        columns={[
          { title: "At" },
          { title: "Took", isNumber: true },
          { title: "Command" },
          { title: "Client", isWide: true },
        ]}
        rows={rows}
        empty="No command was slow"
      />
    </Section>
  );
}

function Databases({ info, error }: { readonly info: Info; readonly error: string | undefined }) {
  const rows = databasesOf(info).map(({ db, keys, expires, averageTtlMs }) => [
    <a href={`keys?db=${db}`}>{`db${db}`}</a>,
    count(keys),
    count(expires),
    averageTtlMs === 0 ? "–" : duration(averageTtlMs / 1000),
  ]);
  return (
    <Section id="databases" title="Databases" error={error}>
      <Table
        label="Databases"
        columns={[
          { title: "Database" },
          { title: "Keys", isNumber: true },
          { title: "Expiring", isNumber: true },
          { title: "Mean TTL", isNumber: true },
        ]}
        rows={rows}
        empty="No keys yet"
      />
    </Section>
  );
}

function Clients({ reply, total }: { readonly reply: Reply | undefined; readonly total: number }) {
  const clients = listingOf(reply).split("\n").filter(Boolean).map(readClient);
  const rows = clients.slice(0, SHOWN_CLIENTS).map((client) => [
    client.addr,
    client.name === "" ? <span class="dim">–</span> : client.name,
    client.user,
    client.db,
    client.cmd === "NULL" ? <span class="dim">–</span> : client.cmd.replace("|", " "),
    duration(Number(client.age)),
    duration(Number(client.idle)),
    size(Number(client["tot-mem"])),
  ]);
  const note = errorOf(reply) !== undefined
    ? ""
    : rows.length < total
    ? `${count(rows.length)} of ${count(total)}`
    : count(total);
  return (
    <Section id="connections" title="Clients" note={note} error={errorOf(reply)}>
      <Table
        label="Clients"
        columns={[
          { title: "Address" },
          { title: "Name" },
          { title: "User", isWide: true },
          { title: "DB", isNumber: true },
          { title: "Command" },
          { title: "Age", isNumber: true, isWide: true },
          { title: "Idle", isNumber: true },
          { title: "Memory", isNumber: true, isWide: true },
        ]}
        rows={rows}
        empty={reply === undefined
          ? "Too many to list; CLIENT LIST tells all"
          : "Nobody is connected"}
      />
    </Section>
  );
}

/** "id=3 addr=127.0.0.1:5000 name= …" */
function readClient(line: string): Info {
  return Object.fromEntries(
    line.split(" ").map((
      part,
    ) => [part.slice(0, part.indexOf("=")), part.slice(part.indexOf("=") + 1)]),
  );
}
