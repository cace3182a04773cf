package bench

import (
	"encoding/json"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"text/tabwriter"
	"time"
)

// Figure is one thing measured. Limit is what the machine gave in the same run without us, in the same unit, and Ratio is Value/Limit;
// both are absent where there is nothing to compare with.
type Figure struct {
	Bench string   `json:"bench"`
	Name  string   `json:"figure"`
	Value float64  `json:"value"`
	Unit  string   `json:"unit"`
	Limit *float64 `json:"limit"`
	Ratio *float64 `json:"ratio"`
}

// report collects figures and prints them.
type report struct {
	bench   string
	json    bool
	w       io.Writer
	figures []Figure
}

func newReport(bench string, o Options, w io.Writer) *report {
	return &report{bench: bench, json: o.JSON, w: w}
}

// say tells a person what is going on; a program is not interested.
func (r *report) say(format string, args ...any) {
	if !r.json {
		fmt.Fprintf(r.w, format+"\n", args...)
	}
}

// alone adds a figure that no limit is known for.
func (r *report) alone(name string, value float64, unit string) { r.add(name, value, unit, nil, nil) }

// against adds a figure and its limit; ratio may come from elsewhere (the median of rounds), 0 means value/limit.
func (r *report) against(name string, value float64, unit string, limit, ratio float64) {
	if limit == 0 {
		r.alone(name, value, unit)
		return
	}
	if ratio == 0 {
		ratio = value / limit
	}
	limit, ratio = round(limit), round(ratio)
	r.add(name, value, unit, &limit, &ratio)
}

func (r *report) add(name string, value float64, unit string, limit, ratio *float64) {
	f := Figure{Bench: r.bench, Name: name, Value: round(value), Unit: unit, Limit: limit, Ratio: ratio}
	r.figures = append(r.figures, f)
	if r.json {
		_ = json.NewEncoder(r.w).Encode(f) // nobody reads: nothing to do about it
	}
}

// quantiles adds the median and the 99th percentile of what took so long, next to those of the limit.
func (r *report) quantiles(name string, of, limit latencies) {
	for _, q := range []struct {
		name string
		at   float64
	}{{"_p50", 0.5}, {"_p99", 0.99}} {
		r.against(name+q.name, ms(of.quantile(q.at)), "ms", ms(limit.quantile(q.at)), 0)
	}
}

func ms(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

// round keeps four digits: there is no more truth in a measurement.
func round(x float64) float64 {
	if x == 0 || math.IsInf(x, 0) || math.IsNaN(x) {
		return x
	}
	p := math.Pow(10, 3-math.Floor(math.Log10(math.Abs(x))))
	return math.Round(x*p) / p
}

// end prints the table and keeps the figures.
func (r *report) end(dir string, o Options) error {
	m := machineOf(dir)
	if !r.json {
		r.say("\n%s, %d cores, %s; disk: %s\n", m.CPU, m.Cores, m.Go, m.Disk)
		t := tabwriter.NewWriter(r.w, 0, 0, 2, ' ', tabwriter.AlignRight)
		fmt.Fprintln(t, "figure\tvalue\tlimit\tratio\tunit\t")
		for _, f := range r.figures {
			fmt.Fprintf(t, "%s\t%v\t%s\t%s\t%s\t\n", f.Name, f.Value, orDash(f.Limit), orDash(f.Ratio), f.Unit)
		}
		if err := t.Flush(); err != nil {
			return fmt.Errorf("print the figures: %w", err)
		}
	}
	if o.Save == "" {
		return nil
	}
	raw, err := json.MarshalIndent(result{machine: m, Taken: time.Now().UTC().Format(time.DateOnly), Seconds: o.For.Seconds(), Figures: r.figures}, "", "  ")
	if err != nil {
		return fmt.Errorf("encode the result: %w", err)
	}
	if err := os.MkdirAll(o.Save, 0o755); err != nil {
		return fmt.Errorf("keep the result: %w", err)
	}
	return os.WriteFile(filepath.Join(o.Save, r.bench+".json"), append(raw, '\n'), 0o644)
}

// result is what is kept of a run.
type result struct {
	machine
	Taken   string   `json:"taken"`
	Seconds float64  `json:"seconds"`
	Figures []Figure `json:"figures"`
}

func orDash(x *float64) string {
	if x == nil {
		return "-"
	}
	return fmt.Sprint(*x)
}
