extension Collection { func checkpoint() {} }
