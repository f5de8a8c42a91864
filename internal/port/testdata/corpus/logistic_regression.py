"""Logistic regression on two clouds of points, and how often it is right."""
import torch
import torch.nn as nn


class LogisticRegression(nn.Module):
    def __init__(self, input_dim, output_dim):
        super(LogisticRegression, self).__init__()
        self.linear = nn.Linear(input_dim, output_dim)

    def forward(self, x):
        outputs = torch.sigmoid(self.linear(x))
        return outputs.squeeze(1)


torch.manual_seed(7)
n = 100
a = torch.randn(n, 2) + 2
b = torch.randn(n, 2) - 2
X = torch.cat([a, b], dim=0)
y = torch.cat([torch.ones(n), torch.zeros(n)])

# a split into parts to train and to test with
perm = torch.randperm(2 * n)
X, y = X[perm], y[perm]
X_train, X_test = X[:150], X[150:]
y_train, y_test = y[:150], y[150:]

model = LogisticRegression(2, 1)
criterion = nn.BCELoss()
optimizer = torch.optim.SGD(model.parameters(), lr=0.05)

for iteration in range(1, 51):
    optimizer.zero_grad()
    loss = criterion(model(X_train), y_train)
    loss.backward()
    optimizer.step()
    if iteration % 10 == 0:
        with torch.no_grad():
            predicted = (model(X_test) > 0.5).float()
            correct = (predicted == y_test).sum()
            accuracy = 100 * correct.item() / y_test.size(0)
        print(f"Iteration: {iteration}, loss {loss.item():.4f}, accuracy {accuracy:.1f}")
