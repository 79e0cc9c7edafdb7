/**
 * Figures by name: what INFO writes as text, and whoever wants numbers takes as they are.
 *
 *   { connected_clients: 3, instantaneous_input_kbps: fraction(1.5, 2), db0: { keys: 1, expires: 0 } }
 *
 *   connected_clients:3
 *   instantaneous_input_kbps:1.50
 *   db0:keys=1,expires=0
 */
import type { Services } from "../call.ts";
import type { Engine } from "../../engine/engine.ts";

/** Where figures come from; a Call is such a one. */
export interface Observed {
  readonly engine: Engine;
  readonly services: Services;
}

/** A number that INFO writes with so many digits behind the point. */
export interface Fraction {
  readonly value: number;
  readonly digits: number;
  /** What stands behind it, e.g. "%". */
  readonly unit: string;
}

export type Figure = string | number | Fraction;

/** By INFO's names, in INFO's order; a figure with parts holds those by name. */
export type Figures = Readonly<Record<string, Figure | Readonly<Record<string, Figure>>>>;

/** As `Figures`, but numbers only where there are numbers. */
export type PlainFigures = Readonly<
  Record<string, string | number | Readonly<Record<string, string | number>>>
>;

export function fraction(value: number, digits: number, unit = ""): Fraction {
  return { value, digits, unit };
}

/** @returns lines without their line breaks */
export function linesOf(figures: Figures): string[] {
  return Object.entries(figures).map(([name, figure]) =>
    `${name}:${isParts(figure) ? partsText(figure) : figureText(figure)}`
  );
}

export function plain(figures: Figures): PlainFigures {
  const result: Record<string, string | number | Record<string, string | number>> = {};
  for (const [name, figure] of Object.entries(figures)) {
    result[name] = isParts(figure)
      ? Object.fromEntries(
        Object.entries(figure).map(([part, value]) => [part, plainFigure(value)]),
      )
      : plainFigure(figure);
  }
  return result;
}

function isParts(
  figure: Figure | Readonly<Record<string, Figure>>,
): figure is Readonly<Record<string, Figure>> {
  return typeof figure === "object" && !isFraction(figure);
}

function isFraction(figure: object): figure is Fraction {
  return "digits" in figure && typeof figure.digits === "number";
}

function figureText(figure: Figure): string {
  return typeof figure === "object"
    ? figure.value.toFixed(figure.digits) + figure.unit
    : String(figure);
}

function partsText(parts: Readonly<Record<string, Figure>>): string {
  return Object.entries(parts).map(([name, figure]) => `${name}=${figureText(figure)}`).join(",");
}

function plainFigure(figure: Figure): string | number {
  return typeof figure === "object" ? figure.value : figure;
}
