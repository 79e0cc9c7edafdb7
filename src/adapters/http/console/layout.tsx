/** @jsxRuntime automatic */
/** @jsxImportSource hono/jsx */
/** The frame of all pages of the console: head, navigation, shortcuts. */
import { html } from "hono/html";
import type { Child } from "hono/jsx";
import type { HtmlEscapedString } from "hono/utils/html";
import { show } from "./text.ts";

export type PageName = "overview" | "keys" | "prompt";

const PAGES: readonly (readonly [name: PageName, path: string, title: string, key: string])[] = [
  ["overview", "./", "Overview", "1"],
  ["keys", "keys", "Keys", "2"],
  ["prompt", "prompt", "Prompt", "3"],
];

const SHORTCUTS: readonly (readonly [keys: string, what: string])[] = [
  ["1", "Overview"],
  ["2", "Keys"],
  ["3", "Prompt"],
  ["/", "Go to the search field or the prompt"],
  ["p", "Pause the live figures, and go on"],
  ["?", "This list"],
  ["Esc", "Close a dialog, leave a field"],
  ["↑ ↓", "In the prompt: earlier and later commands"],
  ["Ctrl L", "In the prompt: clear the screen"],
];

/** What comes with each file of the page, so that a new one is fetched. */
export interface Assets {
  /** @returns its path */
  url(name: string): string;
}

export interface LayoutProps {
  readonly title: string;
  readonly assets: Assets;
  /** undefined = the sign-in page, without navigation */
  readonly page?: PageName | undefined;
  /** Whom the console is open for; "" = no sign-in is needed. */
  readonly user?: string;
  readonly hasCharts?: boolean;
  readonly children?: Child;
}

/** A document, or a piece of one, as HTML. */
export type Page = HtmlEscapedString | Promise<HtmlEscapedString>;

/** The whole document. */
export function page(props: LayoutProps): Page {
  return html`<!doctype html>${<Layout {...props} />}`;
}

function Layout({ title, assets, page, user = "", hasCharts = false, children }: LayoutProps) {
  return (
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <meta name="robots" content="noindex" />
        <title>{title} · CrabCache</title>
        <link rel="icon" href={assets.url("icon.svg")} type="image/svg+xml" />
        {hasCharts && <link rel="stylesheet" href={assets.url("uplot.css")} />}
        <link rel="stylesheet" href={assets.url("style.css")} />
        {hasCharts && <script src={assets.url("uplot.js")} defer></script>}
        {page !== undefined && <script src={assets.url("app.js")} defer></script>}
      </head>
      <body class={page === undefined ? "narrow" : ""} data-page={page ?? "sign-in"}>
        <a class="skip" href="#main">Skip to content</a>
        {page !== undefined && <Header page={page} user={user} />}
        <main id="main" tabindex={-1}>{children}</main>
        {page !== undefined && <ShortcutsDialog />}
      </body>
    </html>
  );
}

function Header({ page, user }: { readonly page: PageName; readonly user: string }) {
  return (
    <header class="top">
      <a class="brand" href="./">
        <Mark />
        <span>CrabCache</span>
      </a>
      <nav aria-label="Console">
        {PAGES.map(([name, path, title, key]) => (
          <a href={path} aria-current={name === page ? "page" : undefined} data-key={key}>
            {title}
          </a>
        ))}
      </nav>
      <div class="tools">
        {page === "overview" && (
          <button type="button" class="quiet live" id="live" aria-pressed="false" hidden>
            <span class="dot" aria-hidden="true"></span>
            <span id="live-text">Connecting</span>
          </button>
        )}
        <button type="button" class="quiet" id="shortcuts-open" aria-haspopup="dialog" hidden>
          <kbd>?</kbd>
          <span class="wide">Shortcuts</span>
        </button>
        {user !== "" && (
          <form method="post" action="sign-out">
            <button type="submit" class="quiet" title={`Signed in as ${user}`}>Sign out</button>
          </form>
        )}
      </div>
    </header>
  );
}

/** The picture of the product. */
export function Mark(): Page {
  return (
    <svg
      class="mark"
      viewBox="0 0 32 32"
      width="24"
      height="24"
      aria-hidden="true"
      focusable="false"
    >
      <path
        d="M9 12C5 11 3 8 4 3l3 3 2-4c3 3 3 7 1 9M23 12c4-1 6-4 5-9l-3 3-2-4c-3 3-3 7-1 9"
        fill="currentColor"
      />
      <rect x="6" y="12" width="20" height="13" rx="6.5" fill="currentColor" />
      <path
        d="M6 22l-4 3m5 0-2 4M26 22l4 3m-5 0 2 4"
        fill="none"
        stroke="currentColor"
        stroke-width="2"
        stroke-linecap="round"
      />
      <circle cx="12.5" cy="17.5" r="1.7" class="eye" />
      <circle cx="19.5" cy="17.5" r="1.7" class="eye" />
    </svg>
  );
}

function ShortcutsDialog() {
  return (
    <dialog id="shortcuts" aria-labelledby="shortcuts-title">
      <h2 id="shortcuts-title">Keyboard shortcuts</h2>
      <dl class="shortcuts">
        {SHORTCUTS.map(([keys, what]) => (
          <div>
            <dt>{keys.split(" ").map((key) => <kbd>{key}</kbd>)}</dt>
            <dd>{what}</dd>
          </div>
        ))}
      </dl>
      <form method="dialog">
        <button type="submit">Close</button>
      </form>
    </dialog>
  );
}

/** A message where something should have been. */
export function Notice(
  { kind, title, children }: {
    readonly kind: "error" | "empty";
    readonly title: string;
    readonly children?: Child;
  },
): Page {
  return (
    <div class={`notice ${kind}`} role={kind === "error" ? "alert" : undefined}>
      <p class="notice-title">{title}</p>
      {children !== undefined && <p>{children}</p>}
    </div>
  );
}

/** Bytes of somebody else's, as text; what is no text is marked. */
export function Bytes(
  { bytes, max }: { readonly bytes: Uint8Array; readonly max?: number },
): Page {
  const { text, isEscaped, cutBytes } = show(bytes, max);
  return (
    <>
      <bdi class={isEscaped ? "bytes escaped" : "bytes"}>
        {text === "" ? <span class="dim">(empty)</span> : text}
      </bdi>
      {cutBytes > 0 && (
        <span class="dim" title={`${cutBytes.toLocaleString("en-US")} more bytes`}>…</span>
      )}
    </>
  );
}

export interface Column {
  readonly title: string;
  readonly isNumber?: boolean;
  /** Left out where there is little room. */
  readonly isWide?: boolean;
}

/** A table that scrolls sideways by itself, or says that it is empty. */
export function Table(
  { label, columns, rows, empty, caption }: {
    readonly label: string;
    readonly columns: readonly Column[];
    readonly rows: readonly (readonly Child[])[];
    readonly empty: string;
    readonly caption?: string;
  },
): Page {
  if (rows.length === 0) return <Notice kind="empty" title={empty} />;
  const classOf = ({ isNumber, isWide }: Column): string =>
    [isNumber === true ? "num" : "", isWide === true ? "wide" : ""].join(" ").trim();
  return (
    <div class="scroll" role="region" aria-label={label} tabindex={0}>
      <table>
        {caption !== undefined && <caption>{caption}</caption>}
        <thead>
          <tr>
            {columns.map((column) => <th scope="col" class={classOf(column)}>{column.title}</th>)}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr class={row[0] === "" ? "same" : undefined}>
              {row.map((cell, i) => <td class={classOf(columns[i])}>{cell}</td>)}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
