import torch
import torch.nn as nn
import torch.optim as optim


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc1 = nn.Linear(28 * 28, 128)
        self.fc2 = nn.Linear(128, 10)

    def forward(self, x):
        x = torch.flatten(x, 1)
        x = torch.relu(self.fc1(x))
        return self.fc2(x)


torch.manual_seed(0)
train_data = torch.randn(60000, 1, 28, 28)
train_labels = torch.randint(0, 10, (60000,))
test_data = torch.randn(10000, 1, 28, 28)
test_labels = torch.randint(0, 10, (10000,))

net = Net()
criterion = nn.CrossEntropyLoss()
optimizer = optim.SGD(net.parameters(), lr=0.01)

for epoch in range(10):
    optimizer.zero_grad()
    outputs = net(train_data)
    loss = criterion(outputs, train_labels)
    loss.backward()
    optimizer.step()
    print(f"Epoch {epoch + 1}, loss {loss.item()}")

correct = 0
total = 0
with torch.no_grad():
    for data, labels in [(train_data, train_labels), (test_data, test_labels)]:
        outputs = net(data)
        _, predicted = torch.max(outputs, 1)
        total += labels.size(0)
        correct += (predicted == labels).sum().item()
        print(f"{correct} of {total} right")

print(f"Accuracy of the network on the 10000 test images: {100 * correct // total} %")
