// Package tensorboard is PyTorch's torch.utils.tensorboard: a [SummaryWriter] writes
// event files, which TensorBoard draws.
//
//	w, err := tensorboard.NewSummaryWriter("runs/first")
//	...
//	for step := range steps {
//		...
//		w.AddScalar("loss", loss.Item(), step)
//	}
//	err = w.Close()
//
// Then "tensorboard --logdir runs" shows the curves.
//
// # Errors
//
// The Add methods return none: the first error of the disk is kept, nothing is
// written after it, and Flush and Close return it. A tensor or an option that
// does not fit makes them panic with a [torch.Error].
//
// # What differs from Python's
//
// Each event is written as soon as it is added, so that a program that is killed
// loses none, and there is no queue to be configured. Of Python's methods
// these are not here: add_histogram_raw, add_image_with_boxes, add_onnx_graph.
//
// https://docs.pytorch.org/docs/stable/tensorboard.html
package tensorboard

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"github.com/wangkuiyi/gotorch/internal/option"
)

// SummaryWriter writes event files into a folder. Goroutines may share one.
//
// https://docs.pytorch.org/docs/stable/tensorboard.html#torch.utils.tensorboard.writer.SummaryWriter
type SummaryWriter struct {
	dir, suffix string
	mu          sync.Mutex
	main        *eventFile
	series      map[string]*eventFile // those of AddScalars, by folder
	projector   string                // the configuration that lists what AddEmbedding wrote
	err         error                 // of files that could not be made
	closed      bool
}

// SummaryWriterOptions are the options of [NewSummaryWriter].
type SummaryWriterOptions struct {
	Comment        string // follows the name of a folder that was not given; default: ""
	PurgeStep      *int   // hide what an earlier run wrote for this step and later ones; default: hide nothing
	FilenameSuffix string // ends the names of the files; default: ""
}

// NewSummaryWriter returns a writer of a new file in the folder dir, which is made
// if it is not there. With an empty dir it is runs/ and the time and the host's
// name. The user calls Close.
func NewSummaryWriter(dir string, options ...SummaryWriterOptions) (*SummaryWriter, error) {
	o, err := option.AtMostOne(options)
	if err != nil {
		return nil, err
	}
	if dir == "" {
		host, err := os.Hostname()
		if err != nil {
			return nil, err
		}
		dir = filepath.Join("runs", time.Now().Format("Jan02_15-04-05_")+host+o.Comment)
	}
	file, err := createEventFile(dir, o.FilenameSuffix)
	if err != nil {
		return nil, err
	}
	if o.PurgeStep != nil {
		file.write(time.Now(), *o.PurgeStep, bytes(3, fileVersion))
		const sessionStart = 1
		file.write(time.Now(), *o.PurgeStep, message(7, integer(1, sessionStart)))
	}
	return &SummaryWriter{dir: dir, suffix: o.FilenameSuffix, main: file, series: map[string]*eventFile{}}, nil
}

// LogDir returns the folder.
//
// https://docs.pytorch.org/docs/stable/tensorboard.html#torch.utils.tensorboard.writer.SummaryWriter
func (w *SummaryWriter) LogDir() string { return w.dir }

// EventOptions are the options of the methods that add something.
type EventOptions struct {
	WallTime time.Time // when it happened; default: now
}

func (o EventOptions) time() time.Time {
	if o.WallTime.IsZero() {
		return time.Now()
	}
	return o.WallTime
}

// add writes a summary of one value.
func (w *SummaryWriter) add(at time.Time, step int, value ...field) {
	w.write(at, step, summary(value...))
}

// write writes an event.
func (w *SummaryWriter) write(at time.Time, step int, content field) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.open() {
		w.main.write(at, step, content)
	}
}

// open reports whether events may be written; that they are not is an error.
func (w *SummaryWriter) open() bool {
	if w.closed && w.err == nil {
		w.err = fmt.Errorf("tensorboard: something was added to %s after Close", w.dir)
	}
	return !w.closed
}

// AddText adds a text in Markdown.
//
// https://docs.pytorch.org/docs/stable/tensorboard.html#torch.utils.tensorboard.writer.SummaryWriter.add_text
func (w *SummaryWriter) AddText(tag, text string, step int, options ...EventOptions) {
	w.add(option.First(options).time(), step,
		bytes(1, tag+"/text_summary"), tensor(typeString, []int{1}, bytes(8, text)), plugin("text", nil))
}

// plugin is the field that says which part of TensorBoard shows a value.
func plugin(name string, content field) field {
	if content != nil {
		content = bytes(2, content)
	}
	return message(9, message(1, bytes(1, name), content))
}

// Flush waits until all that was added is on the disk. It returns the writer's
// first error.
//
// https://docs.pytorch.org/docs/stable/tensorboard.html#torch.utils.tensorboard.writer.SummaryWriter.flush
func (w *SummaryWriter) Flush() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.closed {
		return w.err
	}
	return errors.Join(w.err, w.each((*eventFile).flush))
}

// Close closes the files and returns the writer's first error. What is added
// later is lost; a second Close says so.
//
// https://docs.pytorch.org/docs/stable/tensorboard.html#torch.utils.tensorboard.writer.SummaryWriter.close
func (w *SummaryWriter) Close() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if !w.closed {
		w.closed = true
		w.err = errors.Join(w.err, w.each((*eventFile).close))
	}
	return w.err
}

// each does something with all files.
func (w *SummaryWriter) each(do func(*eventFile) error) error {
	errs := []error{do(w.main)}
	for _, dir := range slices.Sorted(maps.Keys(w.series)) {
		errs = append(errs, do(w.series[dir]))
	}
	return errors.Join(errs...)
}

// seriesFile returns the file in a folder seriesFile AddScalars, or nil if it cannot be made.
func (w *SummaryWriter) seriesFile(dir string) *eventFile {
	file, ok := w.series[dir]
	if ok {
		return file
	}
	file, err := createEventFile(dir, w.suffix)
	if err != nil {
		w.err = errors.Join(w.err, err)
		return nil
	}
	w.series[dir] = file
	return file
}
