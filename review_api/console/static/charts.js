// Draws the page's histograms again with values to point at, where the chart library is there. The server's drawing stays
// where it is not, where drawing fails, and on paper.
"use strict";

{
  const value = (name) => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();

  const upright = {
    id: "upright",
    afterDatasetsDraw(chart, _, options) {
      const { ctx, chartArea: area } = chart;
      for (const { share, label, colour, dash } of options.lines) {
        const above = dash ? 20 : 4; // two rows of names, so that they never meet
        if (share === null) continue;
        const x = area.left + share * (area.right - area.left);
        ctx.save();
        ctx.strokeStyle = ctx.fillStyle = colour;
        ctx.lineWidth = dash ? 1 : 2;
        ctx.setLineDash(dash ? [4, 3] : []);
        ctx.beginPath();
        ctx.moveTo(x, area.top - above);
        ctx.lineTo(x, area.bottom);
        ctx.stroke();
        ctx.font = `12px ${getComputedStyle(document.body).fontFamily}`;
        ctx.textAlign = share > 0.8 ? "right" : share < 0.2 ? "left" : "center";
        ctx.fillText(label, x, area.top - above - 4);
        ctx.restore();
      }
    },
  };

  const settings = (data, countName) => ({
    type: "bar",
    data: {
      labels: data.labels,
      datasets: [{ label: countName, data: data.counts, backgroundColor: value("accent-line"), hoverBackgroundColor: value("accent"), barPercentage: 1, categoryPercentage: 0.94 }],
    },
    plugins: [upright],
    options: {
      responsive: true,
      maintainAspectRatio: false,
      animation: false,
      layout: { padding: { top: 38 } },
      font: { family: getComputedStyle(document.body).fontFamily },
      interaction: { mode: "index", intersect: false },
      plugins: {
        legend: { display: false },
        upright: {
          lines: [
            { share: data.middle, label: data.middleLabel, colour: value("ink-soft"), dash: true },
            { share: data.here, label: data.hereLabel, colour: value("for"), dash: false },
          ],
        },
      },
      scales: {
        x: { grid: { display: false }, border: { color: value("line-strong") }, ticks: { color: value("ink-soft"), maxTicksLimit: 6, maxRotation: 0 } },
        y: { beginAtZero: true, grid: { color: value("line") }, border: { display: false }, ticks: { color: value("ink-soft"), precision: 0, maxTicksLimit: 4 } },
      },
    },
  });

  const draw = (frame) => {
    const drawing = frame.querySelector("svg");
    const canvas = document.createElement("canvas");
    canvas.setAttribute("role", "img");
    canvas.setAttribute("aria-label", drawing.getAttribute("aria-label"));
    const screen = document.createElement("div");
    screen.className = "chart-canvas";
    screen.append(canvas);
    frame.append(screen);
    try {
      const chart = new Chart(canvas, settings(JSON.parse(frame.dataset.chart), frame.dataset.count));
      frame.classList.add("drawn");
      matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
        const fresh = settings(JSON.parse(frame.dataset.chart), frame.dataset.count);
        chart.data = fresh.data;
        chart.options = fresh.options;
        chart.update();
      });
    } catch (error) {
      screen.remove();
      console.warn("a chart stays as the server drew it", error);
    }
  };

  if (typeof Chart !== "undefined") document.querySelectorAll("[data-chart]:not(.drawn)").forEach(draw);
}
