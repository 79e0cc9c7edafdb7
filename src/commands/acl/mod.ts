/** The commands of access control. */
import type { CommandSpec } from "../spec.ts";
import { ACL } from "./acl.ts";

export const ACL_COMMANDS = [ACL] as const satisfies readonly CommandSpec[];
