function main()
    local limit = 200000
    local composite = {}
    for i = 0, limit do composite[i] = false end
    local primes = 0
    local n = 2
    while n <= limit do
        if not composite[n] then
            primes = primes + 1
            local m = n + n
            while m <= limit do
                composite[m] = true
                m = m + n
            end
        end
        n = n + 1
    end
    local sum = 0
    for i = 0, 999 do
        for j = 0, 999 do sum = sum + i * j % 7 end
    end
    return primes * 1000000000 + sum
end
