"""Deep Q-learning on a small corridor, with a replay memory."""

from collections import deque, namedtuple

import torch
import torch.nn as nn
import torch.nn.functional as F

Transition = namedtuple("Transition", ("state", "action", "reward", "next_state", "done"))


class Corridor:
    """Walk to the right end."""

    def __init__(self, length=5):
        self.length = length
        self.position = 0

    def reset(self):
        self.position = 0
        return self.position

    def step(self, action):
        if action == 1:
            self.position += 1
        else:
            self.position = max(0, self.position - 1)
        done = self.position == self.length - 1
        reward = 1.0 if done else -0.05
        return self.position, reward, done


class ReplayMemory:
    def __init__(self, capacity):
        self.memory = deque(maxlen=capacity)

    def push(self, *args):
        self.memory.append(Transition(*args))

    def sample(self, batch_size):
        picks = torch.randint(len(self.memory), (batch_size,)).tolist()
        return [self.memory[i] for i in picks]

    def __len__(self):
        return len(self.memory)


class Agent:
    def __init__(self, states, actions, gamma=0.9):
        self.states = states
        self.actions = actions
        self.gamma = gamma
        self.policy = nn.Sequential(nn.Linear(states, 16), nn.ReLU(), nn.Linear(16, actions))
        self.target = nn.Sequential(nn.Linear(states, 16), nn.ReLU(), nn.Linear(16, actions))
        self.target.load_state_dict(self.policy.state_dict())
        self.optimizer = torch.optim.Adam(self.policy.parameters(), lr=0.01)

    def encode(self, state):
        return F.one_hot(torch.tensor(state), self.states).float()

    def act(self, state, epsilon):
        if torch.rand(1).item() < epsilon:
            return torch.randint(self.actions, (1,)).item()
        with torch.no_grad():
            return self.policy(self.encode(state)).argmax().item()

    def learn(self, batch):
        states = torch.stack([self.encode(t.state) for t in batch])
        next_states = torch.stack([self.encode(t.next_state) for t in batch])
        actions = torch.tensor([t.action for t in batch])
        rewards = torch.tensor([t.reward for t in batch])
        live = torch.tensor([0.0 if t.done else 1.0 for t in batch])
        q = self.policy(states).gather(1, actions.unsqueeze(1)).squeeze(1)
        with torch.no_grad():
            best = self.target(next_states).max(1).values
        loss = F.smooth_l1_loss(q, rewards + self.gamma * live * best)
        self.optimizer.zero_grad()
        loss.backward()
        self.optimizer.step()
        return loss.item()


def main():
    torch.manual_seed(0)
    env = Corridor()
    agent = Agent(env.length, 2)
    memory = ReplayMemory(200)
    epsilon = 1.0
    window = deque(maxlen=5)
    for episode in range(15):
        state, total, steps = env.reset(), 0.0, 0
        done = False
        while not done and steps < 40:
            action = agent.act(state, epsilon)
            next_state, reward, done = env.step(action)
            memory.push(state, action, reward, next_state, done)
            state = next_state
            total += reward
            steps += 1
            if len(memory) >= 16:
                agent.learn(memory.sample(16))
        epsilon = max(0.05, epsilon * 0.8)
        window.append(total)
        if episode % 5 == 4:
            agent.target.load_state_dict(agent.policy.state_dict())
            print(f"episode {episode + 1}: steps {steps}, reward {sum(window) / len(window):.3f}, epsilon {epsilon:.3f}")
    print("greedy path:", [agent.act(s, 0.0) for s in range(env.length - 1)])
    print("memory:", len(memory), "full:", len(memory) == 200)


if __name__ == "__main__":
    main()
