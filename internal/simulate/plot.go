package simulate

import (
	"fmt"
	"io"
	"math"
	"strings"
)

// Curve is a line of a plot: mean waits by load.
type Curve struct {
	Name   string
	Points [][2]float64
}

// The plot's room, in pixels; waits are drawn by their logarithm, for they span thousands.
const (
	width, height            = 760, 420
	left, right, top, bottom = 74, 150, 24, 52
)

// Plot draws curves as SVG for light and dark pages.
func Plot(w io.Writer, title string, curves []Curve) error {
	minX, maxX, minY, maxY := math.Inf(1), math.Inf(-1), math.Inf(1), math.Inf(-1)
	for _, c := range curves {
		for _, p := range c.Points {
			minX, maxX = min(minX, p[0]), max(maxX, p[0])
			if p[1] > 0 {
				minY, maxY = min(minY, p[1]), max(maxY, p[1])
			}
		}
	}
	low, high := math.Floor(math.Log10(minY)), math.Ceil(math.Log10(maxY))
	x := func(v float64) float64 { return left + (v-minX)/(maxX-minX)*(width-left-right) }
	y := func(v float64) float64 {
		return height - bottom - (math.Log10(max(v, math.Pow(10, low)))-low)/(high-low)*(height-top-bottom)
	}
	var b strings.Builder
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" role="img" aria-label="%s" font-family="system-ui, sans-serif" font-size="13">
<style>
:root { --ink: #1f2937; --soft: #6b7280; --grid: #e5e7eb; --c0: #0b6e4f; --c1: #6b7280; --c2: #b45309; --c3: #7c3aed; }
@media (prefers-color-scheme: dark) { :root { --ink: #e5e7eb; --soft: #9ca3af; --grid: #374151; --c0: #34d399; --c1: #9ca3af; --c2: #fbbf24; --c3: #c4b5fd; } }
text { fill: var(--ink) } .soft { fill: var(--soft) } .grid { stroke: var(--grid) } polyline { fill: none; stroke-width: 2.2; stroke-linejoin: round }
</style>
`, width, height, title)
	for e := low; e <= high; e++ {
		v := math.Pow(10, e)
		fmt.Fprintf(&b, `<line class="grid" x1="%d" x2="%d" y1="%.1f" y2="%.1f"/><text class="soft" x="%d" y="%.1f" text-anchor="end">%s</text>`+"\n", left, width-right, y(v), y(v), left-8, y(v)+4, number(v))
	}
	for v := math.Ceil(minX*10) / 10; v <= maxX+1e-9; v += 0.1 {
		fmt.Fprintf(&b, `<line class="grid" x1="%.1f" x2="%.1f" y1="%d" y2="%d"/><text class="soft" x="%.1f" y="%d" text-anchor="middle">%.0f %%</text>`+"\n", x(v), x(v), top, height-bottom, x(v), height-bottom+20, v*100)
	}
	fmt.Fprintf(&b, `<text x="%d" y="%d" text-anchor="middle">load</text><text transform="translate(18 %d) rotate(-90)" text-anchor="middle">mean wait, in service times</text>`+"\n", (left+width-right)/2, height-10, (top+height-bottom)/2)
	labels(&b, curves, x, y)
	b.WriteString("</svg>\n")
	_, err := io.WriteString(w, b.String())
	return err
}

func labels(b *strings.Builder, curves []Curve, x, y func(float64) float64) {
	var taken []float64
	for i, c := range curves {
		var points []string
		for _, p := range c.Points {
			points = append(points, fmt.Sprintf("%.1f,%.1f", x(p[0]), y(p[1])))
		}
		dash := ""
		if i == 1 {
			dash = ` stroke-dasharray="6 5"`
		}
		last := c.Points[len(c.Points)-1]
		at := y(last[1])
		for _, t := range taken { // names do not stand on each other
			if math.Abs(at-t) < 17 {
				at = t + 17
			}
		}
		taken = append(taken, at)
		fmt.Fprintf(b, `<polyline points="%s" stroke="var(--c%d)"%s/><text x="%.1f" y="%.1f" style="fill: var(--c%d)">%s</text>`+"\n", strings.Join(points, " "), i, dash, x(last[0])+8, at+4, i, c.Name)
	}
}

func number(v float64) string {
	return strings.TrimRight(strings.TrimRight(fmt.Sprintf("%.5f", v), "0"), ".")
}
