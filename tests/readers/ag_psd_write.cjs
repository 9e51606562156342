// Writes a PSD with ag-psd: groups, masks, clipping, eight adjustments, effects, a shape and a gradient, no merged image.
// Usage: node ag_psd_write.cjs MODULE_FOLDER FILE.psd OPTIONS_AS_JSON

"use strict";
const fs = require("fs");
const path = require("path");

const [modules, file, options] = process.argv.slice(2);
const { writePsdBuffer, initializeCanvas } = require(path.join(modules, "ag-psd"));

initializeCanvas(
  (width, height) => ({ width, height, getContext: () => null }),
  (width, height) => ({ width, height, data: new Uint8ClampedArray(width * height * 4) }),
);

function noise(width, height, seed, opaque = false) {
  const data = new Uint8ClampedArray(width * height * 4);
  let state = seed * 7919 + 1;
  for (let i = 0; i < data.length; i++) {
    state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff;
    data[i] = opaque && i % 4 === 3 ? 255 : state >> 16;
  }
  return { width, height, data };
}

const straight = { shadowInput: 0, highlightInput: 255, shadowOutput: 0, highlightOutput: 255, midtoneInput: 1 };
const pixels = (value) => ({ units: "Pixels", value });
const knot = (x, y) => ({ linked: true, points: [x, y, x, y, x, y] });

const psd = {
  width: 64,
  height: 48,
  children: [
    { name: "background", imageData: noise(64, 48, 1, true) },
    {
      name: "日本語",
      left: -5,
      top: 7,
      imageData: noise(30, 20, 2),
      blendMode: "multiply",
      opacity: 0.5,
      mask: { left: 0, top: 0, right: 20, bottom: 20, defaultColor: 255, imageData: noise(20, 20, 3, true), userMaskDensity: 0.5 },
    },
    {
      name: "grp",
      opened: false,
      blendMode: "screen",
      opacity: 0.7,
      mask: { left: 3, top: 3, right: 33, bottom: 33, defaultColor: 0, imageData: noise(30, 30, 4, true) },
      children: [
        { name: "in", left: 20, top: 20, imageData: noise(10, 10, 5) },
        { name: "clip", clipping: true, left: 22, top: 22, imageData: noise(10, 10, 6), fillOpacity: 0.4 },
        { name: "empty" },
      ],
    },
    {
      name: "levels",
      adjustment: {
        type: "levels",
        rgb: { shadowInput: 10, highlightInput: 240, shadowOutput: 5, highlightOutput: 250, midtoneInput: 1.3 },
        red: straight,
        green: straight,
        blue: straight,
      },
    },
    {
      name: "curves",
      adjustment: { type: "curves", rgb: [{ input: 0, output: 10 }, { input: 120, output: 140 }, { input: 255, output: 255 }] },
    },
    {
      name: "huesat",
      adjustment: { type: "hue/saturation", master: { a: 0, b: 0, c: 0, d: 0, hue: 20, saturation: -10, lightness: 5 } },
    },
    { name: "bc", adjustment: { type: "brightness/contrast", brightness: 20, contrast: -10, meanValue: 127, useLegacy: false } },
    {
      name: "bal",
      adjustment: {
        type: "color balance",
        shadows: { cyanRed: 10, magentaGreen: 0, yellowBlue: -20 },
        midtones: { cyanRed: 0, magentaGreen: 30, yellowBlue: 0 },
        highlights: { cyanRed: 0, magentaGreen: 0, yellowBlue: 0 },
        preserveLuminosity: true,
      },
    },
    { name: "invert", adjustment: { type: "invert" } },
    { name: "posterize", adjustment: { type: "posterize", levels: 4 } },
    { name: "vibrance", adjustment: { type: "vibrance", vibrance: 20, saturation: 5 } },
    {
      name: "effects",
      imageData: noise(8, 8, 9),
      effects: {
        dropShadow: [
          {
            enabled: true,
            size: pixels(5),
            distance: pixels(5),
            angle: 30,
            opacity: 0.5,
            color: { r: 0, g: 0, b: 0 },
            blendMode: "multiply",
          },
        ],
      },
    },
    {
      name: "shape",
      vectorFill: { type: "color", color: { r: 200, g: 30, b: 30 } },
      vectorMask: { paths: [{ open: false, operation: "combine", fillRule: "even-odd", knots: [knot(10, 10), knot(40, 10), knot(40, 30)] }] },
    },
    {
      name: "gradient",
      blendMode: "soft light",
      vectorFill: {
        type: "solid",
        name: "ramp",
        style: "linear",
        angle: 90,
        scale: 1,
        smoothness: 1,
        colorStops: [
          { color: { r: 0, g: 0, b: 0 }, location: 0, midpoint: 0.5 },
          { color: { r: 255, g: 255, b: 255 }, location: 1, midpoint: 0.5 },
        ],
        opacityStops: [
          { opacity: 1, location: 0, midpoint: 0.5 },
          { opacity: 0.5, location: 1, midpoint: 0.5 },
        ],
      },
    },
  ],
};

fs.writeFileSync(file, writePsdBuffer(psd, JSON.parse(options)));
