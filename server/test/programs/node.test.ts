import { testRuntime } from '../runtime.contract.ts'

testRuntime('node')
