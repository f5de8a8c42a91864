package main

import (
	"errors"
	"fmt"
	"io"

	"github.com/wangkuiyi/gotorch/torch/profiler"
)

// profiled calls f with a function to call after each step, and profiles the third to fifth
// one: the first makes what is made once, and the second warms up. Their trace goes to a
// file, their table to out. Nothing is profiled if there is no name of a file.
func profiled(file string, out io.Writer, f func(stepped func()) error) error {
	if file == "" {
		return f(func() {})
	}
	p := profiler.New(profiler.Options{
		RecordShapes: true,
		Schedule:     profiler.NewSchedule(1, 1, 3, profiler.ScheduleOptions{Repeat: 1}),
		OnTraceReady: func(p *profiler.Profile) error {
			fmt.Fprint(out, p.KeyAverages().Table(profiler.TableOptions{SortBy: profiler.SortSelfCPUTime, RowLimit: new(15)}))
			return p.ExportChromeTrace(file)
		},
	})
	var failed error
	return errors.Join(p.Run(func() { failed = f(p.Step) }), failed)
}
