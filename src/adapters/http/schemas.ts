/**
 * What goes in and out of the HTTP door, as schemas: the handlers' types, their checks, and what
 * /openapi.json says.
 *
 * Bodies of commands are checked by the decoders of the protocol layer, which read them without making
 * values of them and take exactly what these schemas take.
 */
import { z } from "zod";
import { MAX_ARGUMENTS } from "../../server/command_door.ts";

const MAX_DATABASE = 2 ** 31 - 1;

// Commands

/** A number is taken as it is written, so one beyond what JavaScript can count is as good as any. */
const number = z.preprocess(
  (value) => typeof value === "number" && !Number.isFinite(value) ? 0 : value,
  z.number(),
);

export const argument = z.union([z.string(), number, z.boolean()]).meta({
  id: "Argument",
  description: "A word of a command. Numbers and booleans are taken as they are written.",
  examples: ["user:1"],
});

export const command = z.array(argument).min(1).max(MAX_ARGUMENTS).meta({
  id: "Command",
  description: "A command: its name and its arguments.",
  examples: [["SET", "user:1", "Ada", "EX", 60]],
});

export const commands = z.array(command).meta({
  id: "Commands",
  description: "Commands, run in their order.",
  examples: [[["SET", "user:1", "Ada"], ["GET", "user:1"], ["INCR", "visits"]]],
});

export type Argument = z.infer<typeof argument>;
export type Command = z.infer<typeof command>;
export type Commands = z.infer<typeof commands>;

// Replies

/** What a command may answer. */
export type Reply = string | number | boolean | null | Reply[] | { [key: string]: Reply };

export const reply: z.ZodType<Reply> = z.lazy(() =>
  z.union([
    z.string(),
    z.number(),
    z.boolean(),
    z.null(),
    z.array(reply),
    z.record(z.string(), reply),
  ])
).meta({
  id: "Reply",
  description: "What a command answers. Bytes that are no UTF-8 become U+FFFD.",
});

export const failure = z.object({ error: z.string() }).meta({
  id: "Error",
  description: "What went wrong.",
  examples: [{ error: "ERR unknown command 'GETT', with args beginning with: 'user:1' " }],
});

export const success = z.object({ result: reply }).meta({
  id: "Result",
  description: "The reply of a command.",
  examples: [{ result: "OK" }],
});

export const results = z.array(z.union([success, failure])).meta({
  id: "Results",
  description: "One reply or error for each command, in their order.",
  examples: [[{ result: "OK" }, { result: "Ada" }, { error: "ERR syntax error" }]],
});

export type Failure = z.infer<typeof failure>;
export type Success = z.infer<typeof success>;
export type Results = z.infer<typeof results>;

// Parameters and headers

export const batchQuery = z.object({
  atomic: z.enum(["true", "false"]).optional().meta({
    description: "Whether all commands run, one behind the other, or none.",
    default: "false",
  }),
});

export type BatchQuery = z.infer<typeof batchQuery>;

export const upstashHeaders = z.object({
  "Upstash-Encoding": z.literal("base64").optional().meta({
    description: "Replies that are strings come in base64, so that they may be any bytes.",
  }),
  "Upstash-Response-Format": z.enum(["json", "resp2"]).optional().meta({
    description: "JSON, or a RESP2 frame for each reply.",
    default: "json",
  }),
});

export const commandPath = z.object({
  command: z.string().min(1).meta({
    description: "Name of the command.",
    examples: ["set"],
  }),
});

export const commandWordsPath = commandPath.extend({
  arguments: z.string().meta({
    description: "The arguments, each percent-encoded, with slashes between them.",
    examples: ["user:1/Ada"],
  }),
});

export const streamPath = (what: string): z.ZodObject<{ names: z.ZodString }> =>
  z.object({
    names: z.string().min(1).meta({
      description: `One ${what}, or several with slashes between them, each percent-encoded.`,
      examples: ["news"],
    }),
  });

// Values

export const databaseNumber = z.int().min(0).max(MAX_DATABASE);

export const valueQuery = z.object({
  db: databaseNumber.optional().meta({ description: "Number of the database.", default: 0 }),
});

export const valuePath = z.object({
  key: z.string().meta({
    description: "The key, percent-encoded; it may be any bytes.",
    examples: ["user:1"],
  }),
});

const tags = '"*", or a list of entity tags.';

export const valueConditions = z.object({
  "If-Match": z.string().optional().meta({
    description: `Only if the value is one of these: ${tags}`,
  }),
  "If-None-Match": z.string().optional().meta({
    description: `Only if the value is none of these: ${tags}`,
  }),
});

export const valueReadHeaders = valueConditions.extend({
  "Range": z.string().optional().meta({
    description: "One range of bytes.",
    examples: ["bytes=0-99"],
  }),
  "If-Range": z.string().optional().meta({
    description: "The range only if the value still has this tag, else the whole value.",
  }),
});

export const valueWriteHeaders = valueConditions.extend({
  "Cache-Control": z.string().optional().meta({
    description: "max-age is the value's time to live in seconds; without it, it does not expire.",
    examples: ["max-age=60"],
  }),
});

export const valueBytes = z.string().meta({
  id: "Value",
  description: "The bytes of a value, as they are.",
});

// Operations

export const health = z.object({ status: z.literal("ok") }).meta({ id: "Health" });
export const readiness = z.object({ status: z.literal("ready") }).meta({ id: "Readiness" });
export type Health = z.infer<typeof health>;
export type Readiness = z.infer<typeof readiness>;

export const unreadiness = failure.extend({ status: z.string() }).meta({ id: "Unreadiness" });
export const figures = z.string().meta({
  id: "Figures",
  description: "Figures in the text format of Prometheus.",
});
export const eventStream = z.string().meta({
  id: "EventStream",
  description: "Server-sent events.",
});
export const frames = z.string().meta({
  id: "RespFrames",
  description: "RESP frames: in a body, an array of bulk strings for each command.",
});
export const binaryFrame = z.string().meta({
  id: "BinaryFrame",
  description: "One frame of the binary batch protocol: of a request, or of its replies.",
});
export const lines = z.string().meta({
  id: "ReplyLines",
  description: "One reply or error a line, each sent as soon as it is there.",
});
export const text = z.string().meta({ id: "Text" });
export const anything = z.record(z.string(), z.unknown()).meta({ id: "Document" });

/** All that have a name of their own in the document. */
export const NAMED_SCHEMAS: readonly z.ZodType[] = [
  ...[argument, command, commands, reply, failure, success, results, valueBytes],
  ...[
    health,
    readiness,
    unreadiness,
    figures,
    eventStream,
    frames,
    binaryFrame,
    lines,
    text,
    anything,
  ],
];
