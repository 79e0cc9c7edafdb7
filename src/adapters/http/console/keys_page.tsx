/** @jsxRuntime automatic */
/** @jsxImportSource hono/jsx */
/** The key browser: keys by pattern and type. */
import type { Run } from "./commands.ts";
import { KEY_TYPES, type KeyList, type KeyQuery, listKeys } from "./key_list.ts";
import { keyUrl, listUrl } from "./key_urls.ts";
import { Bytes, Notice, page, Table } from "./layout.tsx";
import type { LayoutProps, Page } from "./layout.tsx";
import { count, duration, size } from "./text.ts";

const MAX_KEY_BYTES = 120;

/** @param deleted the key that was just deleted */
export async function keysPage(
  run: Run,
  query: KeyQuery,
  frame: Pick<LayoutProps, "assets" | "user">,
  deleted: Uint8Array | undefined,
): Promise<Page> {
  const list = await listKeys(run, query);
  return page({
    ...frame,
    title: "Keys",
    page: "keys",
    children: (
      <>
        <div class="head">
          <h1>Keys</h1>
          {list.total !== undefined && (
            <span class="unit">{count(list.total)} in database {query.db}</span>
          )}
        </div>
        {deleted !== undefined && (
          <p class="notice done" role="status">
            Deleted <Bytes bytes={deleted} max={MAX_KEY_BYTES} />
          </p>
        )}
        <Search query={query} />
        {list.error === undefined
          ? <Found list={list} query={query} />
          : (
            <Notice kind="error" title="The keys cannot be listed">
              <code>{list.error}</code>
            </Notice>
          )}
        <Open db={query.db} />
      </>
    ),
  });
}

function Search({ query }: { readonly query: KeyQuery }) {
  return (
    <form class="bar" action="keys" role="search" aria-label="Keys">
      <label class="grow">
        <span>Pattern</span>
        <input
          id="search"
          type="search"
          name="pattern"
          value={query.pattern}
          placeholder="*  or  user:*"
          autocomplete="off"
          autocapitalize="off"
          spellcheck={false}
        />
      </label>
      <label>
        <span>Type</span>
        <select name="type">
          <option value="">all</option>
          {KEY_TYPES.map((type) => (
            <option value={type} selected={type === query.type}>{type}</option>
          ))}
        </select>
      </label>
      <label>
        <span>Database</span>
        <input type="number" name="db" min={0} max={99999} value={query.db} class="short" />
      </label>
      <button type="submit" class="primary">Search</button>
    </form>
  );
}

/** Opens a key by its name: whoever may not list keys may still read them. */
function Open({ db }: { readonly db: number }) {
  return (
    <form class="bar open" action="key" aria-label="Open a key by name">
      <input type="hidden" name="db" value={db} />
      <label class="grow">
        <span>Open a key by its name</span>
        <input
          type="text"
          name="name"
          required
          autocomplete="off"
          autocapitalize="off"
          spellcheck={false}
        />
      </label>
      <button type="submit">Open</button>
    </form>
  );
}

function Found({ list, query }: { readonly list: KeyList; readonly query: KeyQuery }) {
  const isFiltered = query.pattern !== "" || query.type !== "";
  const isFirst = query.cursor === "0";
  const rows = list.keys.map(({ key, type, ttlMs, sizeBytes }) => [
    <a href={keyUrl(query.db, key)}>
      <Bytes bytes={key} max={MAX_KEY_BYTES} />
    </a>,
    <TypeBadge type={type} />,
    ttlText(ttlMs),
    sizeBytes === undefined ? <span class="dim">–</span> : size(sizeBytes),
  ]);
  const empty = list.isCutShort
    ? "None found so far: there are more keys to look at"
    : !isFirst
    ? "There are no more keys"
    : isFiltered
    ? "No key matches"
    : `Database ${query.db} is empty`;
  return (
    <>
      <Table
        label="Keys"
        columns={[
          { title: "Key" },
          { title: "Type" },
          { title: "TTL", isNumber: true },
          { title: "Memory", isNumber: true },
        ]}
        rows={rows}
        empty={empty}
      />
      <nav class="pages" aria-label="Pages of keys">
        {!isFirst && <a class="button" href={listUrl({ ...query, cursor: "0" })}>First page</a>}
        {list.cursor !== "0" && (
          <a class="button" rel="next" href={listUrl({ ...query, cursor: list.cursor })}>
            {list.isCutShort ? "Go on looking" : "Next page"}
          </a>
        )}
      </nav>
    </>
  );
}

/** The name of a type, in its colour. */
export function TypeBadge({ type }: { readonly type: string }): Page {
  return type === "" ? <span class="dim">–</span> : <span class={`type ${type}`}>{type}</span>;
}

/** A time to live, as text. */
export function ttlText(ttlMs: number | undefined): string {
  if (ttlMs === undefined) return "–";
  if (ttlMs === -1) return "none";
  return ttlMs < 0 ? "gone" : duration(ttlMs / 1000);
}
