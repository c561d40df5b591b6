local Account = {}
Account.__index = Account
function Account:deposit(amount)
    self.balance = self.balance + amount
    self.moves = self.moves + 1
end
function Account:worth() return self.balance end

local Vault = {}
Vault.__index = Vault
function Vault:deposit(amount) self.gold = self.gold + amount end
function Vault:worth() return self.gold * self.price end

function main()
    local owned = {
        setmetatable({balance = 0, moves = 0}, Account),
        setmetatable({gold = 0, price = 3}, Vault),
        setmetatable({balance = 5, moves = 0}, Account),
    }
    local total = 0
    for i = 0, 299999 do
        local it = owned[i % 3 + 1]
        it:deposit(i % 10)
        if i % 100 == 0 then total = total + it:worth() end
    end
    return total + owned[1].moves
end
