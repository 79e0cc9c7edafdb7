/** @jsxRuntime automatic */
/** @jsxImportSource hono/jsx */
/** One key: what is known of it, a page of its value, and its deletion. */
import type { Run } from "./commands.ts";
import { deleteUrl, keyUrl, listUrl } from "./key_urls.ts";
import { type KeyFacts, readFacts, readValue, type ValuePage } from "./key_value.ts";
import { ttlText, TypeBadge } from "./keys_page.tsx";
import { Bytes, Notice, page, Table } from "./layout.tsx";
import type { LayoutProps, Page } from "./layout.tsx";
import { count, hexRows, isContinuation, showLines, size } from "./text.ts";

const MAX_TITLE_BYTES = 200;
const MAX_CELL_BYTES = 400;
const NUMERIC: readonly string[] = ["Index", "Rank", "Score"];

export interface KeyPlace {
  readonly db: number;
  readonly key: Uint8Array;
  /** Page of the value, "" = the first. */
  readonly at: string;
}

type Frame = Pick<LayoutProps, "assets" | "user">;

/** The page of a key, with the status that HTTP has for it. */
export async function keyPage(
  run: Run,
  place: KeyPlace,
  frame: Frame,
): Promise<{ readonly status: 200 | 403 | 404; readonly page: Page }> {
  const { db, key, at } = place;
  const facts = await readFacts(run, db, key);
  const body = facts === undefined
    ? <Missing />
    : "error" in facts
    ? <Unreadable error={facts.error} />
    : await present(run, place, facts);
  return {
    status: facts === undefined ? 404 : "error" in facts ? 403 : 200,
    page: page({
      ...frame,
      title: "Key",
      page: "keys",
      children: (
        <>
          <nav class="crumbs" aria-label="Where this is">
            <a href={listUrl({ db })}>Keys in database {db}</a>
          </nav>
          <h1 class="key-title">
            <Bytes bytes={key} max={MAX_TITLE_BYTES} />
          </h1>
          {body}
        </>
      ),
    }),
  } as const;

  async function present(run: Run, place: KeyPlace, facts: KeyFacts): Promise<Page> {
    const value = await readValue(run, db, key, facts.type, at);
    return (
      <>
        <Facts facts={facts} place={place} />
        {"error" in value
          ? <Unreadable error={value.error} />
          : <Value value={value} type={facts.type} place={place} />}
        <DeleteDialog place={place} />
      </>
    );
  }
}

function Missing() {
  return (
    <Notice kind="empty" title="There is no such key">
      It may have expired, or been evicted or deleted.
    </Notice>
  );
}

function Unreadable({ error }: { readonly error: string }) {
  return (
    <Notice kind="error" title="The key cannot be read">
      <code>{error}</code>
    </Notice>
  );
}

function Facts({ facts, place }: { readonly facts: KeyFacts; readonly place: KeyPlace }) {
  return (
    <div class="key-facts">
      <dl class="facts">
        <div>
          <dt>Type</dt>
          <dd>
            <TypeBadge type={facts.type} />
          </dd>
        </div>
        <div>
          <dt>TTL</dt>
          <dd>{ttlText(facts.ttlMs)}</dd>
        </div>
        <div>
          <dt>Memory</dt>
          <dd>{facts.sizeBytes === undefined ? "–" : size(facts.sizeBytes)}</dd>
        </div>
        <div>
          <dt>Encoding</dt>
          <dd>{facts.encoding === "" ? "–" : facts.encoding}</dd>
        </div>
      </dl>
      <a
        class="button danger"
        href={deleteUrl(place.db, place.key)}
        data-dialog="delete"
      >
        Delete…
      </a>
    </div>
  );
}

function Value(
  { value, type, place }: {
    readonly value: ValuePage;
    readonly type: string;
    readonly place: KeyPlace;
  },
) {
  const { content } = value;
  return (
    <section aria-labelledby="value-title">
      <h2 id="value-title">
        Value <span class="unit">{extent(value, type)}</span>
      </h2>
      {content.kind === "bytes"
        ? <Text bytes={content.bytes} tail={content.tail} from={value.from ?? 0} />
        : (
          <Table
            label="Value"
            columns={content.columns.map((title) => ({ title, isNumber: NUMERIC.includes(title) }))}
            rows={content.rows.map((row) =>
              row.map((cell, i) =>
                content.columns[i] === "ID" && cell.length === 0
                  ? ""
                  : <Bytes bytes={cell} max={MAX_CELL_BYTES} />
              )
            )}
            empty="There is nothing here"
          />
        )}
      <nav class="pages" aria-label="Pages of the value">
        {value.previous !== undefined && (
          <a class="button" rel="prev" href={keyUrl(place.db, place.key, value.previous)}>
            {value.from === undefined ? "First page" : "Previous page"}
          </a>
        )}
        {value.next !== undefined && (
          <a class="button" rel="next" href={keyUrl(place.db, place.key, value.next)}>Next page</a>
        )}
      </nav>
    </section>
  );
}

/** "bytes 0 – 8,191 of 20,000". */
function extent({ total, from, content }: ValuePage, type: string): string {
  const unit = type === "string" ? "bytes" : type === "stream" ? "entries" : "elements";
  if (total === undefined) return "";
  const shown = content.kind === "bytes" ? content.bytes.length : content.rows.length;
  return from === undefined || (from === 0 && shown === total)
    ? `${count(total)} ${unit}`
    : `${unit} ${count(from)} – ${count(from + shown - 1)} of ${count(total)}`;
}

function Text(
  { bytes, tail, from }: {
    readonly bytes: Uint8Array;
    readonly tail: Uint8Array;
    readonly from: number;
  },
) {
  if (bytes.length === 0) return <Notice kind="empty" title="An empty string" />;
  // The page before shows the whole of a letter that begins there.
  let start = 0;
  while (from > 0 && start < 3 && isContinuation(bytes[start])) start++;
  const text = showLines(Uint8Array.of(...bytes.subarray(start), ...tail));
  const isText = text !== undefined;
  return (
    <div class="scroll" role="region" aria-label="Value" tabindex={0}>
      <pre class={isText ? "value" : "value hex"}>{isText ? text : hexRows(bytes, from)}</pre>
    </div>
  );
}

function DeleteForm({ place }: { readonly place: KeyPlace }) {
  return (
    <form method="post" action={deleteUrl(place.db, place.key)} class="buttons">
      <a class="button" href={keyUrl(place.db, place.key)} data-close>Keep it</a>
      <button type="submit" class="danger">Delete</button>
    </form>
  );
}

function DeleteDialog({ place }: { readonly place: KeyPlace }) {
  return (
    <dialog id="delete" aria-labelledby="delete-title">
      <h2 id="delete-title">Delete this key?</h2>
      <p class="key-title">
        <Bytes bytes={place.key} max={MAX_TITLE_BYTES} />
      </p>
      <p>Its value goes with it. This cannot be undone.</p>
      <DeleteForm place={place} />
    </dialog>
  );
}

/** Asks whether a key is to be deleted, where there is no script. */
export function deletePage(place: KeyPlace, frame: Frame, error?: string): Page {
  return page({
    ...frame,
    title: "Delete a key",
    page: "keys",
    children: (
      <>
        <h1>Delete this key?</h1>
        {error !== undefined && <Unreadable error={error} />}
        <p class="key-title">
          <Bytes bytes={place.key} max={MAX_TITLE_BYTES} />
        </p>
        <p>Its value goes with it. This cannot be undone.</p>
        <DeleteForm place={place} />
      </>
    ),
  });
}
