// Reads a PSD with ag-psd and writes what it found: layers.json, and the samples of each picture as raw files beside it.
// Usage: node ag_psd_dump.cjs MODULE_FOLDER FILE.psd OUTPUT_FOLDER

"use strict";
const fs = require("fs");
const path = require("path");

const [modules, file, out] = process.argv.slice(2);
const { readPsd, initializeCanvas } = require(path.join(modules, "ag-psd"));

initializeCanvas((width, height) => ({ width, height }), (width, height) => ({ width, height, data: new Uint8ClampedArray(width * height * 4) }));

// ag-psd 31 refuses the merged image of a 16-bit file with transparency; the layers are read without it then.
const remarks = [];
const options = { useImageData: true, useRawThumbnail: true, logMissingFeatures: false };
let psd;
try {
  psd = readPsd(fs.readFileSync(file), options);
} catch (error) {
  remarks.push(`the merged image: ${error.message}`);
  psd = readPsd(fs.readFileSync(file), { ...options, skipCompositeImageData: true });
}

let count = 0;
function picture(image) {
  if (!image || !image.data || !image.data.length) return null;
  const name = `${count++}.raw`;
  fs.writeFileSync(path.join(out, name), Buffer.from(image.data.buffer, image.data.byteOffset, image.data.byteLength));
  return { name, width: image.width, height: image.height, bytes: image.data.BYTES_PER_ELEMENT };
}

function walk(layers, parents, found) {
  for (const layer of layers || []) {
    const mask = layer.mask;
    found.push({
      name: layer.name,
      parents,
      group: Boolean(layer.children),
      mode: layer.blendMode,
      opacity: layer.opacity,
      fill: layer.fillOpacity,
      hidden: Boolean(layer.hidden),
      clipping: Boolean(layer.clipping),
      opened: layer.opened,
      bounds: [layer.left, layer.top, layer.right, layer.bottom],
      pixels: picture(layer.imageData),
      mask: mask && {
        bounds: [mask.left, mask.top, mask.right, mask.bottom],
        outside: mask.defaultColor,
        disabled: Boolean(mask.disabled),
        density: mask.userMaskDensity,
        pixels: picture(mask.imageData),
      },
      adjustment: layer.adjustment ? layer.adjustment.type : null,
    });
    walk(layer.children, parents.concat([layer.name]), found);
  }
  return found;
}

const layers = walk(psd.children, [], []);
fs.writeFileSync(path.join(out, "layers.json"), JSON.stringify({ layers, merged: picture(psd.imageData), remarks }));
