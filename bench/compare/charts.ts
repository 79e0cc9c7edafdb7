/** The charts of the page: SVG by ECharts, without a browser, the same bytes on every run and runtime. */
import { BarChart, LineChart } from "echarts/charts";
import { GridComponent, LegendComponent, TitleComponent } from "echarts/components";
import { init, setPlatformAPI, use } from "echarts/core";
import { SVGRenderer } from "echarts/renderers";
import type { PeerName } from "./figures.ts";

use([BarChart, LineChart, GridComponent, LegendComponent, TitleComponent, SVGRenderer]);

/** Width of a letter in parts of its height: as in wide fonts, so that every reader's font has room. */
const LETTER_WIDTH = 0.6;
/** From here on letters are as wide as high; the height of lines is measured with one of them. */
const FIRST_SQUARE_LETTER = "\u2e80";
const NORMAL_FONT_PX = 12;

// Without a browser nobody knows what a text measures.
setPlatformAPI({
  measureText(text: string, font?: string): { width: number } {
    const px = Number(/([\d.]+)px/.exec(font ?? "")?.[1] ?? NORMAL_FONT_PX);
    const letters = [...text].map((each) => each < FIRST_SQUARE_LETTER ? LETTER_WIDTH : 1);
    return { width: px * letters.reduce((sum, width) => sum + width, 0) };
  },
});

/** What a page's background is. */
export type Theme = "light" | "dark";

export const THEMES: readonly Theme[] = ["light", "dark"];

export interface Series {
  readonly name: string;
  /** One of the colours below. */
  readonly colour: ColourName;
  /** NaN leaves a gap. */
  readonly values: readonly number[];
  /** Lines: dashes tell it apart besides the colour. Bars: hatched. */
  readonly isSecond?: boolean;
}

/** A chart, whatever it looks like. */
export interface Chart {
  /** Name of its files, without an ending. */
  readonly name: string;
  readonly kind: "bars" | "lines";
  readonly title: string;
  readonly subtitle: string;
  readonly categories: readonly string[];
  readonly series: readonly Series[];
  /** How a value is written at its bar, or at the logarithmic axis of lines. */
  show(value: number): string;
}

/** Colours that remain apart for all kinds of colour blindness (Okabe and Ito), lighter on dark. */
const COLOURS = {
  orange: { light: "#d55e00", dark: "#f0843c" },
  blue: { light: "#0072b2", dark: "#56b4e9" },
  grey: { light: "#7a7a7a", dark: "#a3a3a3" },
  green: { light: "#009e73", dark: "#2cc397" },
  purple: { light: "#b5588f", dark: "#d98cbb" },
  yellow: { light: "#c79a00", dark: "#f0e442" },
} as const;

export type ColourName = keyof typeof COLOURS;

export const PEER_COLOURS: Readonly<Record<PeerName, ColourName>> = {
  "bun": "orange",
  "deno": "blue",
  "redis-server": "grey",
  "valkey-server": "purple",
  "memcached": "yellow",
  "pogocache": "green",
};

const PAGE = {
  light: { background: "#ffffff", text: "#1f2328", faint: "#59636e", line: "#d1d9e0" },
  dark: { background: "#0d1117", text: "#f0f6fc", faint: "#9198a1", line: "#3d444d" },
} as const;

const WIDTH = 840;
const FONT = "system-ui, 'Segoe UI', Helvetica, Arial, sans-serif";
const HEAD_HEIGHT = 96;
const FOOT_HEIGHT = 40;
const BAR_HEIGHT = 17;
const GROUP_GAP = 18;
const LINES_HEIGHT = 300;
/** Dots of lines differ by shape as well. */
const SYMBOLS = ["circle", "rect", "triangle", "diamond", "emptyCircle", "arrow"];
const PLAIN_OPACITY = 1;
const SECOND_OPACITY = 0.55;

/** Draws a chart. @returns an SVG document */
export function renderChart(chart: Chart, theme: Theme): string {
  const { categories, series } = chart;
  const rows = categories.length * (series.length * BAR_HEIGHT + GROUP_GAP);
  const height = HEAD_HEIGHT + FOOT_HEIGHT + (chart.kind === "bars" ? rows : LINES_HEIGHT);
  const drawn = init(null, null, { renderer: "svg", ssr: true, width: WIDTH, height });
  try {
    drawn.setOption({
      animation: false,
      backgroundColor: PAGE[theme].background,
      textStyle: { fontFamily: FONT },
      ...headOf(chart, theme),
      ...chart.kind === "bars" ? barsOf(chart, theme) : linesOf(chart, theme),
    });
    return finish(drawn.renderToSVGString(), chart);
  } finally {
    drawn.dispose();
  }
}

function headOf({ title, subtitle, series }: Chart, theme: Theme): object {
  const { text, faint } = PAGE[theme];
  return {
    title: {
      text: title,
      subtext: subtitle,
      left: 16,
      top: 10,
      itemGap: 6,
      textStyle: { fontSize: 17, fontWeight: 600, color: text },
      subtextStyle: { fontSize: 12, color: faint },
    },
    legend: {
      left: 11,
      top: 60,
      itemWidth: 16,
      itemHeight: 10,
      itemGap: 18,
      textStyle: { fontSize: 13, color: text },
      data: series.map(({ name }) => name),
    },
  };
}

/** The place of the bars or lines and of the labels at its sides. */
function gridOf(right: number): object {
  const place = { left: 16, right, top: HEAD_HEIGHT, bottom: 16 };
  return { ...place, outerBoundsMode: "same", outerBoundsContain: "axisLabel" };
}

function barsOf({ categories, series, show }: Chart, theme: Theme): object {
  const { text, faint, line } = PAGE[theme];
  return {
    grid: gridOf(88),
    xAxis: {
      type: "value",
      axisLabel: { fontSize: 11, color: faint, formatter: shortNumber },
      splitLine: { lineStyle: { color: line } },
    },
    yAxis: {
      type: "category",
      inverse: true,
      data: categories,
      axisTick: { show: false },
      axisLine: { lineStyle: { color: line } },
      axisLabel: { fontSize: 13, color: text },
    },
    series: series.map(({ name, colour, values, isSecond }) => ({
      type: "bar",
      name,
      barWidth: BAR_HEIGHT - 3,
      barGap: "20%",
      data: values.map((value) => Number.isFinite(value) ? value : null),
      itemStyle: {
        color: COLOURS[colour][theme],
        opacity: isSecond ? SECOND_OPACITY : PLAIN_OPACITY,
        borderRadius: [0, 2, 2, 0],
      },
      label: {
        show: true,
        position: "right",
        fontSize: 11,
        color: text,
        opacity: 1,
        formatter: ({ value }: { value: unknown }) => typeof value === "number" ? show(value) : "",
      },
    })),
  };
}

function linesOf({ categories, series, show }: Chart, theme: Theme): object {
  const { text, faint, line } = PAGE[theme];
  return {
    grid: gridOf(40),
    xAxis: {
      type: "category",
      data: categories,
      boundaryGap: false,
      axisTick: { alignWithLabel: true },
      axisLine: { lineStyle: { color: line } },
      axisLabel: { fontSize: 13, color: text },
    },
    yAxis: {
      type: "log",
      axisLabel: { fontSize: 11, color: faint, formatter: show },
      splitLine: { lineStyle: { color: line } },
    },
    series: series.map(({ name, colour, values, isSecond }, i) => ({
      type: "line",
      name,
      symbol: SYMBOLS[i % SYMBOLS.length],
      symbolSize: 8,
      data: values.map((value) => value > 0 ? value : null),
      lineStyle: { width: 2.5, color: COLOURS[colour][theme], type: isSecond ? "dashed" : "solid" },
      itemStyle: { color: COLOURS[colour][theme] },
    })),
  };
}

/** E.g. 1.5 M, 20 k. */
export function shortNumber(value: number): string {
  const [scale, unit] = value >= 1e6 ? [1e6, " M"] : value >= 1e4 ? [1e3, " k"] : [1, ""];
  return `${Number((value / scale).toPrecision(3))}${unit}`;
}

/** What a mouse does to a chart, which a picture never feels. */
const HOVER_STYLES = /<style\b[\s\S]*?<\/style>\s*| class="[^"]*"/g;

/** Identifiers count the charts that a process drew: they start anew in each, and it gets a title. */
function finish(svg: string, chart: Chart): string {
  const plain = svg.replace(HOVER_STYLES, "").replace(/\bzr\d+-/g, "");
  const title = `<title>${escapeXml(`${chart.title}: ${chart.subtitle}`)}</title>`;
  return `${plain.replace(/^(<svg[^>]*>)/, `$1\n${title}`).trimEnd()}\n`;
}

export function escapeXml(text: string): string {
  return text.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;")
    .replace(/"/g, "&quot;");
}
