/** What a connection was told about itself and a new one has to be told again: user, name, database. */
import type { ReplyValue } from "../protocol/value_writer.ts";
import type { ConnectionOptions } from "./connection_options.ts";
import { KIND_ALL, KIND_ATOMIC, type Request } from "./request.ts";
import type { CommandWords } from "./sender.ts";

export class ConnectionState {
  user: string | undefined;
  password: string | undefined;
  name: string | undefined;
  database: number | string;

  /** Starts as the options say. */
  constructor({ user, password, name, database = 0 }: ConnectionOptions) {
    this.user = user;
    this.password = password;
    this.name = name;
    this.database = database;
  }

  /** Reads from what was answered to a request what its commands changed. */
  follow(request: Request, result: ReplyValue | ReplyValue[]): void {
    if (request.kind !== KIND_ALL && request.kind !== KIND_ATOMIC) {
      if (result === "OK") this.#changed(request.command);
    } else if (Array.isArray(result)) {
      request.list.forEach((command, i) => {
        if (result[i] === "OK") this.#changed(command);
      });
    }
  }

  #changed(command: CommandWords): void {
    const words = command.map((word) => word instanceof Uint8Array ? textOf(word) : String(word));
    switch (words[0].toUpperCase()) {
      case "SELECT":
        this.database = words[1];
        break;
      case "AUTH":
        this.password = words[words.length - 1];
        this.user = words.length > 2 ? words[1] : undefined;
        break;
      case "CLIENT":
        if (words[1]?.toUpperCase() === "SETNAME") this.name = words[2];
        break;
    }
  }

  /** The command that opens a connection in RESP3 and in the binary protocol. */
  hello(): CommandWords {
    const { user = "default", password, name } = this;
    return [
      "HELLO",
      "3",
      ...password === undefined ? [] : ["AUTH", user, password],
      ...name === undefined || name === "" ? [] : ["SETNAME", name],
    ];
  }

  /** The same for a server that knows no HELLO. */
  opening(): CommandWords[] {
    const { user, password, name } = this;
    const commands: CommandWords[] = [];
    if (password !== undefined) {
      commands.push(user === undefined ? ["AUTH", password] : ["AUTH", user, password]);
    }
    if (name !== undefined && name !== "") commands.push(["CLIENT", "SETNAME", name]);
    return commands;
  }

  /** What follows either of them. */
  selection(): CommandWords[] {
    return String(this.database) === "0" ? [] : [["SELECT", this.database]];
  }
}

const decoder = new TextDecoder();

function textOf(bytes: Uint8Array): string {
  return decoder.decode(bytes);
}
