/** @jsxRuntime automatic */
/** @jsxImportSource hono/jsx */
/** The command prompt, and the sign-in form. */
import { Mark, Notice, page } from "./layout.tsx";
import type { LayoutProps, Page } from "./layout.tsx";
import type { Outcome } from "./prompt.ts";

type Frame = Pick<LayoutProps, "assets" | "user">;

/** A line that was run. */
export interface RanLine {
  readonly line: string;
  readonly db: number;
  readonly outcome: Outcome;
}

/** @param ran the line that was run just now */
export function promptPage(db: number, ran: RanLine | undefined, frame: Frame): Page {
  return page({
    ...frame,
    title: "Prompt",
    page: "prompt",
    children: (
      <>
        <h1 class="hidden">Prompt</h1>
        <div class="terminal">
          <div id="screen" class="screen" role="log" aria-label="Replies" tabindex={0}>
            <p class="dim">
              Commands as in redis-cli. Each line is a session of its own: only the database stays
              chosen. ↑ and ↓ bring earlier lines back.
            </p>
            {ran !== undefined && <Entry {...ran} />}
          </div>
          <form id="prompt" method="post" action="prompt">
            <label for="line" id="prompt-label">db{ran?.outcome.db ?? db}&gt;</label>
            <input type="hidden" name="db" id="prompt-db" value={ran?.outcome.db ?? db} />
            <input
              id="line"
              name="line"
              type="text"
              autofocus
              autocomplete="off"
              autocapitalize="off"
              autocorrect="off"
              spellcheck={false}
              aria-label="Command"
              placeholder="SET greeting hello EX 60"
            />
            <button type="submit" class="primary">Run</button>
          </form>
        </div>
      </>
    ),
  });
}

/** A line and what it gave. */
export function Entry({ line, db, outcome }: RanLine): Page {
  return (
    <div class="entry" data-db={outcome.db}>
      <p class="asked">
        <span class="dim">db{db}&gt;</span> <bdi>{line}</bdi>
      </p>
      <pre class={outcome.isError ? "answer error" : "answer"}>{outcome.text}</pre>
    </div>
  );
}

/** @param next where to go then */
export function signInPage(next: string, hasFailed: boolean, frame: Frame): Page {
  return page({
    ...frame,
    title: "Sign in",
    children: (
      <div class="sign-in">
        <h1>
          <Mark /> CrabCache
        </h1>
        <form method="post" action="sign-in" class="card">
          {hasFailed && (
            <Notice kind="error" title="That did not work">
              The token, or name and password, are not known here.
            </Notice>
          )}
          <input type="hidden" name="next" value={next} />
          <label>
            <span>Token or password</span>
            <input
              type="password"
              name="secret"
              required
              autofocus
              autocomplete="current-password"
            />
          </label>
          <label>
            <span>User name (none with a token)</span>
            <input type="text" name="name" autocomplete="username" autocapitalize="off" />
          </label>
          <button type="submit" class="primary">Sign in</button>
        </form>
      </div>
    ),
  });
}
