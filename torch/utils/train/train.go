// Package train has what training loops need beside PyTorch: when to stop, and a table of
// how it went. It has no counterpart in PyTorch; [EarlyStopping] does what callbacks of that
// name do in Ignite and Lightning.
//
//	stopping := train.NewEarlyStopping(3)
//	for epoch := range epochs {
//		loss := validate(net)
//		if stopping.Stop(loss) {
//			break
//		}
//	}
package train

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"

	"github.com/wangkuiyi/gotorch/internal/option"
	"github.com/wangkuiyi/gotorch/torch"
)

// EarlyStopping says when a training makes no progress any more.
type EarlyStopping struct {
	patience int
	minDelta float64
	larger   bool
	best     float64
	waited   int // epochs since the best one
	begun    bool
}

// EarlyStoppingOptions are the options of [NewEarlyStopping].
type EarlyStoppingOptions struct {
	MinDelta float64 // by how much a value must be better at least
	Larger   bool    // larger values are better, such as accuracies; smaller ones are else, such as losses
}

// NewEarlyStopping returns one that waits so many epochs for a better value. It panics unless
// they are 1 or more, and on a MinDelta that is negative.
func NewEarlyStopping(patience int, options ...EarlyStoppingOptions) *EarlyStopping {
	o := option.First(options)
	if patience < 1 || !(o.MinDelta >= 0) {
		panic(torch.Errorf("train.NewEarlyStopping", torch.ValueError,
			"want a patience of 1 epoch or more, and no negative MinDelta, got %d and %v", patience, o.MinDelta))
	}
	return &EarlyStopping{patience: patience, minDelta: o.MinDelta, larger: o.Larger}
}

// Stop takes note of an epoch's value, and reports whether the best one is as many epochs ago
// as there is patience. NaN is never better.
func (e *EarlyStopping) Stop(value float64) bool {
	better := value < e.best-e.minDelta
	if e.larger {
		better = value > e.best+e.minDelta
	}
	if (!e.begun || better) && !math.IsNaN(value) {
		e.best, e.begun, e.waited = value, true, 0
		return false
	}
	e.waited++
	return e.waited >= e.patience
}

// Best returns the best value, NaN before there is one.
func (e *EarlyStopping) Best() float64 {
	if !e.begun {
		return math.NaN()
	}
	return e.best
}

// Waited returns how many epochs ago the best value was.
func (e *EarlyStopping) Waited() int { return e.waited }

// CSVLogger writes a table of numbers, a line for each step. Use it from one goroutine at a
// time.
type CSVLogger struct {
	writer  *csv.Writer
	columns []string
}

// NewCSVLogger returns a logger that writes lines of these columns, after a line with their
// names. It fails without columns, on a nil writer, and as that does.
func NewCSVLogger(w io.Writer, columns ...string) (*CSVLogger, error) {
	if w == nil || len(columns) == 0 {
		return nil, torch.Errorf("train.NewCSVLogger", torch.ValueError, "want a writer and columns")
	}
	l := &CSVLogger{writer: csv.NewWriter(w), columns: slices.Clone(columns)}
	return l, l.write(columns)
}

// Log writes a line. It fails where there are not as many values as columns, and where the
// line cannot be written.
func (l *CSVLogger) Log(values ...float64) error {
	if l == nil || l.writer == nil {
		return errors.New("train.CSVLogger.Log: the logger is nil, or one that NewCSVLogger did not make")
	}
	if len(values) != len(l.columns) {
		return fmt.Errorf("train.CSVLogger.Log: %d values for %d columns", len(values), len(l.columns))
	}
	line := make([]string, len(values))
	for i, v := range values {
		line[i] = strconv.FormatFloat(v, 'g', -1, 64)
	}
	return l.write(line)
}

// write writes a line at once, so that nothing is lost where the program ends.
func (l *CSVLogger) write(line []string) error {
	if err := l.writer.Write(line); err != nil {
		return fmt.Errorf("train.CSVLogger: %w", err)
	}
	l.writer.Flush()
	if err := l.writer.Error(); err != nil {
		return fmt.Errorf("train.CSVLogger: %w", err)
	}
	return nil
}
