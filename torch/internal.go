package torch

import "github.com/wangkuiyi/gotorch/internal"

// Internal is for the packages of this module: nobody else can name what its Export
// takes, and it may change at any time.
var Internal exporter

type exporter struct{}

// Export returns what packages of this module need of this one and users do not.
func (exporter) Export(*internal.NotForPublicUse) exports { return exports{} }

// exports has a method for each; they are beside what they belong to.
type exports struct{}
