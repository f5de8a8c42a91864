package distributed

import (
	"fmt"
	"slices"

	"github.com/wangkuiyi/gotorch/internal/option"
	"github.com/wangkuiyi/gotorch/torch"
)

// DeviceMesh lays the processes out in several dimensions, in row-major order, with groups
// along each: so one dimension may share the samples and another the parameters.
//
// https://docs.pytorch.org/docs/stable/distributed.html#torch.distributed.device_mesh.DeviceMesh
type DeviceMesh struct {
	device     torch.Device
	shape      []int
	names      []string        // of the dimensions, or nil
	groups     []*ProcessGroup // along each dimension, with this process
	coordinate []int           // of this process
}

// DeviceMeshOptions are the options of [InitDeviceMesh].
type DeviceMeshOptions struct {
	DimNames []string // a name for each dimension, or none
}

// InitDeviceMesh lays out the processes of the default group, which it makes by
// [InitProcessGroup] where there is none. Every process calls it with the same shape, whose
// product is the number of processes. A dimension of all processes has the default group,
// and others groups of [NewGroup].
//
// https://docs.pytorch.org/docs/stable/distributed.html#torch.distributed.device_mesh.init_device_mesh
func InitDeviceMesh(device torch.Device, shape []int, options ...DeviceMeshOptions) (*DeviceMesh, error) {
	const op = "InitDeviceMesh"
	o, err := option.AtMostOne(options)
	if err != nil {
		return nil, err
	}
	if !IsInitialized() {
		if err := InitProcessGroup(); err != nil {
			return nil, err
		}
	}
	standard, err := member(op, nil)
	if err != nil {
		return nil, err
	}
	if err := checkMesh(shape, o.DimNames, len(standard.ranks)); err != nil {
		return nil, standard.fail(op, err)
	}
	m := &DeviceMesh{device: device, shape: slices.Clone(shape), names: slices.Clone(o.DimNames), coordinate: make([]int, len(shape))}
	for d, rest := len(shape)-1, standard.rank; d >= 0; d-- {
		m.coordinate[d] = rest % shape[d]
		rest /= shape[d]
	}
	for d := range shape {
		g, err := m.groupAlong(d, standard)
		if err != nil {
			return nil, err
		}
		m.groups = append(m.groups, g)
	}
	return m, nil
}

// checkMesh says what is wrong with a mesh of n processes.
func checkMesh(shape []int, names []string, n int) error {
	product := 1
	for _, size := range shape {
		product *= max(0, size)
	}
	if len(shape) == 0 || product != n {
		return refusal(torch.ValueError, "a mesh of shape %v has %d places, but there are %d processes", shape, product, n)
	}
	if names == nil {
		return nil
	}
	if len(names) != len(shape) {
		return refusal(torch.ValueError, "there are %d names of dimensions, but %d dimensions", len(names), len(shape))
	}
	for i, name := range names {
		if slices.Index(names, name) != i {
			return refusal(torch.ValueError, "two dimensions are called %q", name)
		}
	}
	return nil
}

// groupAlong makes the groups along a dimension and returns that of this process.
func (m *DeviceMesh) groupAlong(d int, standard *ProcessGroup) (*ProcessGroup, error) {
	n := len(standard.ranks)
	if m.shape[d] == n {
		return standard, nil
	}
	stride := 1
	for _, size := range m.shape[d+1:] {
		stride *= size
	}
	var lists [][]int
	for first := range n {
		if first/stride%m.shape[d] != 0 {
			continue // it is in the list of another one
		}
		list := make([]int, m.shape[d])
		for i := range list {
			list[i] = first + i*stride
		}
		lists = append(lists, list)
	}
	own, _, err := NewSubgroupsByEnumeration(lists, GroupOptions{Description: "mesh_" + m.nameOf(d)})
	return own, err
}

func (m *DeviceMesh) nameOf(d int) string {
	if m.names == nil {
		return fmt.Sprint("dim_", d)
	}
	return m.names[d]
}

// Slice returns the part of the mesh along the dimensions of these names, in their order in
// the mesh, that this process is in.
//
// https://docs.pytorch.org/docs/stable/distributed.html#torch.distributed.device_mesh.DeviceMesh
func (m *DeviceMesh) Slice(names ...string) (*DeviceMesh, error) {
	part := &DeviceMesh{device: m.device}
	last := -1
	for _, name := range names {
		d := slices.Index(m.names, name)
		if d < 0 {
			return nil, &Error{Op: "DeviceMesh.Slice", Rank: -1, Err: refusal(torch.IndexError, "there is no dimension %q; there are %q", name, m.names)}
		}
		if d <= last {
			return nil, &Error{Op: "DeviceMesh.Slice", Rank: -1, Err: refusal(torch.IndexError, "the dimensions must be in the order of the mesh, %q", m.names)}
		}
		last = d
		part.shape = append(part.shape, m.shape[d])
		part.names = append(part.names, name)
		part.groups = append(part.groups, m.groups[d])
		part.coordinate = append(part.coordinate, m.coordinate[d])
	}
	if len(names) == 0 {
		return nil, &Error{Op: "DeviceMesh.Slice", Rank: -1, Err: refusal(torch.IndexError, "there are no names of dimensions")}
	}
	return part, nil
}

// GetGroup returns the group along a dimension, by its name, with this process. "" is the
// only dimension.
//
// https://docs.pytorch.org/docs/stable/distributed.html#torch.distributed.device_mesh.DeviceMesh.get_group
func (m *DeviceMesh) GetGroup(name string) (*ProcessGroup, error) {
	d := slices.Index(m.names, name)
	if name == "" && len(m.shape) == 1 {
		d = 0
	}
	if d < 0 {
		return nil, &Error{Op: "DeviceMesh.GetGroup", Rank: -1, Err: refusal(torch.IndexError, "there is no dimension %q; there are %q", name, m.names)}
	}
	return m.groups[d], nil
}

// GetAllGroups returns the groups along all dimensions.
//
// https://docs.pytorch.org/docs/stable/distributed.html#torch.distributed.device_mesh.DeviceMesh.get_all_groups
func (m *DeviceMesh) GetAllGroups() []*ProcessGroup { return slices.Clone(m.groups) }

// GetCoordinate returns where this process is.
//
// https://docs.pytorch.org/docs/stable/distributed.html#torch.distributed.device_mesh.DeviceMesh.get_coordinate
func (m *DeviceMesh) GetCoordinate() []int { return slices.Clone(m.coordinate) }

// Shape returns the sizes of the dimensions.
func (m *DeviceMesh) Shape() []int { return slices.Clone(m.shape) }

// DimNames returns the names of the dimensions, or nil.
func (m *DeviceMesh) DimNames() []string { return slices.Clone(m.names) }

// Device returns the type of device that the mesh is for.
func (m *DeviceMesh) Device() torch.Device { return m.device }
