package ddpcommhooks

// mt19937 is the generator of random numbers that NumPy's RandomState is: the Mersenne
// Twister. All processes draw the same seeds from it, and the same as ranks in Python.
//
// https://numpy.org/doc/stable/reference/random/legacy.html
type mt19937 struct {
	state [624]uint32
	next  int
}

func newMT19937(seed uint32) *mt19937 {
	m := &mt19937{next: 624}
	for i := range m.state {
		m.state[i] = seed
		seed = 1812433253*(seed^seed>>30) + uint32(i) + 1
	}
	return m
}

// uint32 returns 32 random bits.
func (m *mt19937) uint32() uint32 {
	const n, shift = 624, 397
	if m.next == n {
		for i := range m.state {
			y := m.state[i]&(1<<31) | m.state[(i+1)%n]&(1<<31-1)
			m.state[i] = m.state[(i+shift)%n] ^ y>>1 ^ y&1*0x9908b0df
		}
		m.next = 0
	}
	y := m.state[m.next]
	m.next++
	y ^= y >> 11
	y ^= y << 7 & 0x9d2c5680
	y ^= y << 15 & 0xefc60000
	return y ^ y>>18
}

// below returns a number from 0 to n−1, as RandomState.randint(n) does.
func (m *mt19937) below(n uint32) int {
	mask := n - 1
	for _, shift := range []int{1, 2, 4, 8, 16} {
		mask |= mask >> shift
	}
	for {
		if v := m.uint32() & mask; v < n {
			return int(v)
		}
	}
}
