package distributed_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/distributed"
)

// checkMeshes lays the processes out in rows of two.
func checkMeshes(t *testing.T, rank, size int) {
	mesh, err := distributed.InitDeviceMesh(torch.CPU, []int{size / 2, 2}, distributed.DeviceMeshOptions{DimNames: []string{"dp", "tp"}})
	require.NoError(t, err)
	assert.Equal(t, []int{rank / 2, rank % 2}, mesh.GetCoordinate())
	along := func(mesh *distributed.DeviceMesh, name string) []int {
		g, err := mesh.GetGroup(name)
		require.NoError(t, err)
		return distributed.GetProcessGroupRanks(g)
	}
	row := []int{rank / 2 * 2, rank/2*2 + 1}
	assert.Equal(t, row, along(mesh, "tp"))
	if size == 4 {
		assert.Equal(t, []int{rank % 2, rank%2 + 2}, along(mesh, "dp"))
	}
	part, err := mesh.Slice("tp")
	require.NoError(t, err)
	assert.Equal(t, row, along(part, ""))
	assert.Equal(t, []int{2}, part.Shape())
	x := floats(float32(rank))
	must(t)(distributed.AllReduce(x, distributed.ReduceOptions{Group: mesh.GetAllGroups()[1]}))
	assert.Equal(t, []float32{float32(row[0] + row[1])}, slice(x))

	_, err = distributed.InitDeviceMesh(torch.CPU, []int{size, 2})
	assert.ErrorContains(t, err, "places, but there are")
	_, err = distributed.InitDeviceMesh(torch.CPU, []int{size / 2, 2}, distributed.DeviceMeshOptions{DimNames: []string{"a", "a"}})
	assert.ErrorContains(t, err, `two dimensions are called "a"`)
	_, err = mesh.Slice("tp", "dp")
	assert.ErrorContains(t, err, "in the order of the mesh")
	_, err = mesh.Slice("pp")
	assert.ErrorContains(t, err, `there is no dimension "pp"`)
	_, err = mesh.GetGroup("")
	assert.ErrorContains(t, err, "there is no dimension")
}
