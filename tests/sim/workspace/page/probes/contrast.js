// The contrast of an element's text against the first opaque background behind it, as WCAG 2 computes it.
(node) => {
  const channels = (colour) => {
    const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
    canvas.fillStyle = colour;
    canvas.fillRect(0, 0, 1, 1);
    return [...canvas.getImageData(0, 0, 1, 1).data];
  };
  const linear = (part) => (part <= 0.03928 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4);
  const luminance = (colour) => {
    const [red, green, blue] = channels(colour).map((part) => linear(part / 255));
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  };
  const isSeeThrough = (element) => channels(getComputedStyle(element).backgroundColor)[3] < 255;
  let behind = node;
  while (isSeeThrough(behind) && behind.parentElement) behind = behind.parentElement;
  const [dark, bright] = [getComputedStyle(node).color, getComputedStyle(behind).backgroundColor]
    .map(luminance)
    .sort((a, b) => a - b);
  return (bright + 0.05) / (dark + 0.05);
}
