// Package snapshot saves all that a training needs to go on as if it had never stopped, and
// restores it: one call each, with one list of the parts.
//
//	state := snapshot.State{
//		"model":     net,
//		"optimizer": optimizer,
//		"scheduler": scheduler,
//		"rng":       torch.DefaultGenerator(),
//		"epoch":     snapshot.Value(&epoch),
//	}
//	err := snapshot.Load(state, "checkpoint.pt") // errors.Is(err, os.ErrNotExist): begin anew
//	...
//	err = snapshot.Save(state, "checkpoint.pt")
//
// The file is one of [torch.Save], with the state dict of each part under its name: what
// PyTorch's users write by hand, so Python reads it with torch.load, and snapshot.Load reads
// theirs.
//
// https://docs.pytorch.org/tutorials/beginner/saving_loading_models.html
package snapshot

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/wangkuiyi/gotorch/internal/brief"
	"github.com/wangkuiyi/gotorch/torch"
)

// State has the parts of a training by name. A part is
//
//   - a module, an optimizer, a scheduler, or whatever else has a StateDict and a
//     LoadStateDict as one of these, such as an amp.GradScaler
//   - a *[torch.Generator] or a list of such, whose states are saved
//   - a variable: [Value]
//   - what is both a [torch.Savable] and a [torch.Loadable]
//   - a State, for what belongs together
//
// Save and Load fail on every other, nil too, and name it.
type State map[string]any

// Save writes the state to a file, which appears, or takes the place of an old one, when it
// is complete and on the disk: whatever stops the program or the machine, one of them is there. It fails where [torch.Save] does.
func Save(state State, path string) error {
	var values any
	parts, err := state.parts()
	if err == nil {
		err = torch.Try(func() { values = parts.save() })
	}
	if err != nil {
		return fmt.Errorf("snapshot.Save: %w", err)
	}
	return torch.Save(values, path, torch.SaveOptions{Sync: true})
}

// Load restores the state from a file that [Save] wrote, or another program by
// [torch.Save] or Python's. It fails, before anything is restored, where the file and the
// state do not have the same names, and on what cannot be what it should be. An error of a
// LoadStateDict, such as of a module of other shapes, leaves those parts restored whose
// names come before.
func Load(state State, path string, options ...torch.LoadOptions) error {
	parts, err := state.parts()
	if err != nil {
		return fmt.Errorf("snapshot.Load: %w", err)
	}
	value, err := torch.Load(path, options...)
	if err != nil {
		return err
	}
	var failed error
	err = torch.Try(func() {
		var restore func() error
		if restore, failed = parts.load(value); failed == nil {
			failed = restore()
		}
	})
	if err = cmp.Or(err, failed); err != nil {
		return fmt.Errorf("snapshot.Load: %s: %w", path, err)
	}
	return nil
}

// part is a part of a state. load reads what save returned, and returns what restores it.
type part interface {
	save() any
	load(value any) (restore func() error, err error)
}

// parts is a state whose values are known to be parts.
type parts map[string]part

func (s State) parts() (parts, error) {
	p := parts{}
	for name, value := range s {
		part, err := partOf(value)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		p[name] = part
	}
	return p, nil
}

func (p parts) save() any {
	dict := map[string]any{}
	for name, part := range p {
		dict[name] = part.save()
	}
	return dict
}

func (p parts) load(value any) (func() error, error) {
	dict, err := torch.As[map[string]any](value)
	if err != nil {
		return nil, err
	}
	if err := p.compare(dict); err != nil {
		return nil, err
	}
	names := slices.Sorted(maps.Keys(p))
	restores := make([]func() error, len(names))
	for i, name := range names {
		if restores[i], err = p[name].load(dict[name]); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
	}
	return func() error {
		for i, restore := range restores {
			if err := restore(); err != nil {
				return fmt.Errorf("%s: %w", names[i], err)
			}
		}
		return nil
	}, nil
}

// compare fails if a dict has other names.
func (p parts) compare(dict map[string]any) error {
	var missing, unexpected []string
	for _, name := range slices.Sorted(maps.Keys(p)) {
		if _, ok := dict[name]; !ok {
			missing = append(missing, name)
		}
	}
	const most = 20
	for _, name := range slices.Sorted(maps.Keys(dict)) {
		if p[name] == nil && len(unexpected) < most {
			unexpected = append(unexpected, brief.Text(name))
		}
	}
	var words []string
	if len(missing) > 0 {
		words = append(words, "it lacks "+strings.Join(missing, ", ")+": leave that out of the State to go on without")
	}
	if len(unexpected) > 0 {
		words = append(words, "it has "+strings.Join(unexpected, ", ")+", too, which would be lost: add that to the State, or read what is wanted with torch.LoadAs")
	}
	if len(words) == 0 {
		return nil
	}
	return fmt.Errorf("%s", strings.Join(words, "; "))
}
