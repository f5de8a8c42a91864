package port

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// imported returns what a file imports from files of its own package by relative imports,
// and Go has not: the functions and classes, and those of their file that they use.
func (s *source) imported(ctx context.Context, python string) ([]*source, error) {
	wanted := map[string][]string{}
	var paths []string
	for _, n := range s.tree.Body {
		if n.Kind != "ImportFrom" || n.Level == 0 {
			continue
		}
		folder := filepath.Dir(s.path)
		for range n.Level - 1 {
			folder = filepath.Dir(folder)
		}
		path := filepath.Join(folder, filepath.FromSlash(strings.ReplaceAll(n.Name, ".", "/"))+".py")
		if _, err := os.Stat(path); err != nil || n.Name == "" {
			continue
		}
		for _, a := range n.Aliases {
			if full := home(n.Name + "." + a.Name); loadNames()[full].goName == "" && specials[full] == nil && !left[a.Name] {
				if wanted[path] == nil {
					paths = append(paths, path)
				}
				wanted[path] = append(wanted[path], a.Name)
			}
		}
	}
	var found []*source
	for _, path := range paths {
		other, err := parse(ctx, python, path)
		if err != nil {
			return nil, err
		}
		if other.keep(wanted[path]) {
			found = append(found, other)
		}
	}
	return found, nil
}

// left are names of torchvision's that are about weights by URL and its registry.
var left = map[string]bool{"register_model": true, "Weights": true, "WeightsEnum": true, "handle_legacy_interface": true, "_IMAGENET_CATEGORIES": true,
	"ImageClassification": true, "InterpolationMode": true}

// keep leaves but the functions and classes of these names in a file, and what they use,
// and reports whether there are any.
func (s *source) keep(names []string) bool {
	declared := map[string]*node{}
	for _, n := range s.tree.Body {
		if n.Kind == "FunctionDef" || n.Kind == "ClassDef" {
			declared[n.Name] = n
		}
	}
	kept := map[string]bool{}
	for len(names) > 0 {
		name := names[0]
		names = names[1:]
		if n := declared[name]; n != nil && !kept[name] {
			kept[name] = true
			for other := range freeNames(n) {
				names = append(names, other)
			}
		}
	}
	s.tree.Body = slices.DeleteFunc(s.tree.Body, func(n *node) bool {
		return n.Kind != "Import" && n.Kind != "ImportFrom" && !kept[n.Name]
	})
	s.imports = true
	return len(kept) > 0
}

// home returns the full name of what a module of torchvision imports by a relative name.
func home(full string) string {
	if dot := lastDot(full); dot > 0 && homes[full[:dot]] != "" {
		full = homes[full[:dot]] + full[dot:]
	}
	return canonical(full)
}
