package jit

import (
	"errors"
	"fmt"
	"io"
	"math"
	"strings"

	"github.com/wangkuiyi/gotorch/internal/brief"
	"github.com/wangkuiyi/gotorch/internal/filekind"
	"github.com/wangkuiyi/gotorch/internal/option"
	"github.com/wangkuiyi/gotorch/internal/pickle"
	"github.com/wangkuiyi/gotorch/internal/ptzip"
)

// extraFolder is where an archive has its extra files.
const extraFolder = "extra/"

// check looks at a file before libtorch does, which believes what files say, and returns its
// extra files.
func check(r io.ReaderAt, size int64, o LoadOptions) (extra map[string][]byte, err error) {
	records, err := ptzip.NewReaderOf(r, size, "constants.pkl")
	if err != nil {
		return nil, filekind.Explain(err, filekind.TorchScript, r, size)
	}
	limit := int64(option.Or(o.MaxMemory, memoryFor(size)))
	left := limit
	for _, name := range records.Names() {
		n := records.Size(name)
		if n > uint64(left) {
			return nil, fmt.Errorf("what the file holds takes more than %d bytes; LoadOptions.MaxMemory allows it more", limit)
		}
		left -= int64(n)
	}
	if err := checkVersion(records); err != nil {
		return nil, err
	}
	c := &checker{records: records, limit: limit, budget: pickle.NewBudget(limit)}
	for _, name := range records.Names() {
		switch {
		case name == "data.pkl", name == "constants.pkl":
			err = c.pickle(name)
		case strings.HasSuffix(name, ".debug_pkl"):
			err = c.pickle(name)
		case strings.HasPrefix(name, "code/") && strings.HasSuffix(name, ".py"):
			err = c.code(name)
		case strings.HasPrefix(name, extraFolder):
			if extra == nil {
				extra = map[string][]byte{}
			}
			extra[strings.TrimPrefix(name, extraFolder)], err = records.Inflate(name, limit)
		}
		if err != nil {
			return nil, err
		}
	}
	if !records.Has("data.pkl") {
		return nil, errors.New("record \"data.pkl\" is missing")
	}
	return extra, c.classes.check()
}

// memoryFor returns how many bytes all that a file of a size holds may take.
func memoryFor(size int64) int {
	const times, more = 20, 48 << 20
	if size > math.MaxInt64/times-more {
		return math.MaxInt
	}
	return int(times*size + more)
}

// checkVersion fails on an archive without a version, or of another order of bytes.
func checkVersion(records *ptzip.Reader) error {
	name := "version"
	if !records.Has(name) {
		name = ".data/version"
	}
	text, err := records.Inflate(name, 100)
	if err != nil {
		return err
	}
	var version int
	if _, err := fmt.Sscan(string(text), &version); err != nil || version < 1 {
		return fmt.Errorf("version %q of the format", brief.Text(string(text)))
	}
	if records.BigEndian() {
		return errors.New("the order of bytes is big, want little")
	}
	return nil
}

// checker checks the records of an archive.
type checker struct {
	records *ptzip.Reader
	limit   int64
	budget  *pickle.Budget
	classes classes
}

// code checks a file of source.
func (c *checker) code(name string) error {
	text, err := c.records.Inflate(name, c.limit)
	if err != nil {
		return err
	}
	if err := c.budget.Take(2 * len(text)); err != nil {
		return err
	}
	if err := checkSource(string(text)); err != nil {
		return fmt.Errorf("record %q: %w", brief.Text(name), err)
	}
	c.classes.note(name, string(text))
	return nil
}
