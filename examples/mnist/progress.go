package main

import (
	"fmt"
	"io"
	"os"
	"time"

	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"
)

// progress shows how far an epoch is: a bar on a terminal, and elsewhere a line
// every ten seconds.
type progress struct {
	out         io.Writer
	name        string
	first       int // images that were done before it started
	done, total int // images
	bar         *progressbar.ProgressBar
	start, last time.Time // of the epoch, and of the last line
}

// newProgress starts at done of total images.
func newProgress(out io.Writer, name string, done, total int) *progress {
	now := time.Now()
	p := &progress{out: out, name: name, first: done, done: done, total: total, start: now, last: now}
	if file, ok := out.(*os.File); ok && term.IsTerminal(int(file.Fd())) {
		p.bar = progressbar.NewOptions(total,
			progressbar.OptionSetWriter(out),
			progressbar.OptionSetDescription(name),
			progressbar.OptionSetWidth(20),
			progressbar.OptionShowIts(), progressbar.OptionSetItsString("images"),
			progressbar.OptionSetPredictTime(true),
			progressbar.OptionThrottle(100*time.Millisecond),
			progressbar.OptionClearOnFinish())
	}
	return p
}

const betweenLines = 10 * time.Second

// advance says that so many images more were seen, and how it goes so far.
func (p *progress) advance(images int, loss, accuracy float64) {
	p.done += images
	how := fmt.Sprintf("%s: loss %.4f, accuracy %.2f %%", p.name, loss, 100*accuracy)
	if p.bar != nil {
		p.bar.Describe(how)
		_ = p.bar.Set(p.done) // it fails beyond the total only
		return
	}
	now := time.Now()
	if now.Sub(p.last) < betweenLines {
		return
	}
	p.last = now
	rate := float64(p.done-p.first) / now.Sub(p.start).Seconds()
	left := float64(p.total-p.done) / rate
	fmt.Fprintf(p.out, "%s, %.0f images/s, %.0f s left\n", how, rate, left)
}

// end takes the bar away, so that lines can follow.
func (p *progress) end() {
	if p.bar != nil {
		_ = p.bar.Clear() // a terminal that does not take it shows the bar a little longer
	}
}
