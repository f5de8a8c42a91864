package datasets

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// set is a dataset's files and where they can be had.
type set struct {
	name    string // such as "MNIST"
	files   []file
	mirrors []string
	module  *goModule // that carries the files, or nil
	system  string    // the folder that the system's package puts them into, or ""
}

// load reads the files. What is missing or damaged it fetches, if it may.
func (s *set) load(ctx context.Context, o Options) ([]*array, error) {
	dir, err := o.folder(strings.ToLower(s.name))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", s.name, err)
	}
	folders := []string{dir, filepath.Join(dir, s.name, "raw")} // the latter is torchvision's
	if s.system != "" && o.Root == "" {
		folders = append(folders, s.system)
	}
	contents := make([]*array, len(s.files))
	var missing []file
	for i, f := range s.files {
		content, err := f.open(folders...)
		switch {
		case err == nil:
			contents[i] = content
		case !o.Download && errors.Is(err, os.ErrNotExist):
			return nil, fmt.Errorf("%s: %w; put its files there, or set Download to have them fetched", s.name, err)
		case !o.Download:
			return nil, fmt.Errorf("%s: %w", s.name, err)
		default:
			if !errors.Is(err, os.ErrNotExist) {
				o.logf("%s: to be fetched again: %v", s.name, err)
			}
			missing = append(missing, f)
		}
	}
	if len(missing) == 0 {
		return contents, nil
	}
	fetched, err := s.fetch(ctx, dir, missing, o)
	if err != nil {
		return nil, err
	}
	for i := range contents {
		if contents[i] == nil {
			contents[i], fetched = fetched[0], fetched[1:]
		}
	}
	return contents, nil
}

// fetch brings files into the folder: from the Go module, else from the mirrors,
// and returns their contents. It logs which source it turns to, and fails with what
// went wrong with every one.
func (s *set) fetch(ctx context.Context, dir string, files []file, o Options) ([]*array, error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, fmt.Errorf("no folder for %s: %w; set $GOTORCH_CACHE or Root", s.name, err)
	}
	type source struct {
		name string
		get  func(f file) (*array, error)
	}
	var sources []source
	if s.module != nil && o.Mirrors == nil {
		sources = append(sources, source{"the Go module " + s.module.path, func(f file) (*array, error) {
			return s.module.get(ctx, f, dir)
		}})
	}
	mirrors := o.Mirrors
	if mirrors == nil {
		mirrors = s.mirrors
	}
	for _, mirror := range mirrors {
		sources = append(sources, source{mirror, func(f file) (*array, error) {
			return f.download(ctx, mirror, dir, o.Progress)
		}})
	}
	contents := make([]*array, len(files))
	var failed strings.Builder
	for _, source := range sources {
		o.logf("%s: from %s", s.name, source.name)
		var err error
		for i, f := range files {
			if contents[i] != nil {
				continue
			}
			if contents[i], err = source.get(f); err != nil {
				break
			}
		}
		if ctx.Err() != nil {
			return nil, fmt.Errorf("%s: %w", s.name, context.Cause(ctx))
		}
		if err == nil {
			if failed.Len() > 0 {
				o.logf("%s: fetched, but not from every source:%s", s.name, &failed)
			}
			return contents, nil
		}
		fmt.Fprintf(&failed, "\n  %v", err)
	}
	var names []string
	for _, f := range s.files {
		names = append(names, f.name)
	}
	return nil, fmt.Errorf("%s is not there and could not be fetched:%s\nPut %s into\n  %s\nor set Root to a folder that holds them",
		s.name, &failed, strings.Join(names, ", "), dir)
}
