package datasets

import (
	"fmt"
	"io"

	"github.com/wangkuiyi/gotorch/internal/download"
)

// Options are the options of [NewMNIST] and its like.
type Options struct {
	Train    *bool     // the training set, or else the test set; default: true
	Root     string    // the folder of the files; default: the cache
	Download bool      // fetch what is missing or damaged
	Mirrors  []string  // addresses to fetch from, each with a slash at its end; default: the known ones
	Log      io.Writer // gets a line for each source that is turned to; default: none

	// Progress, if any, is called while a file is fetched, with the bytes that are
	// there and how many it has, or -1 where the server does not say.
	Progress func(file string, done, total int64)
}

// train reports whether the training set is asked for.
func (o *Options) train() bool { return o.Train == nil || *o.Train }

func (o *Options) logf(format string, args ...any) {
	if o.Log != nil {
		fmt.Fprintf(o.Log, format+"\n", args...)
	}
}

// folder returns the folder of a dataset's files.
func (o *Options) folder(name string) (string, error) {
	if o.Root != "" {
		return o.Root, nil
	}
	return download.CacheFolder("Root", "data", name)
}
